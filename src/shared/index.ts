/** What `#shared` means: the words both sides of the door may speak; nothing else is public. */
export * from './words.ts'
export * from './faults.ts'
export * from './views.ts'
export * from './cloud-views.ts'
export * from './door.ts'
export * from './why.ts'
export * from './optics.ts'
export * from './record-views.ts'
