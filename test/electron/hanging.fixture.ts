// What the entry must never do.
import { app } from 'electron'

await app.whenReady()
export const isThrough = true
