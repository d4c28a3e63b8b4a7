export * from './words.ts'
export * from './faults.ts'
export * from './views.ts'
export * from './door.ts'
