/** What `#shared` means: the words both sides of the door may speak; nothing else is public. */
export * from './words.ts'
export * from './faults.ts'
export * from './views.ts'
export * from './door.ts'
