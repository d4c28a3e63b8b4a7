// table
/** Words of backups, retention, saved views and the vendor log. */
import { type Group } from './words.ts'

export const CARE = {} as const satisfies Group
