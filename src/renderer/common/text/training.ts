// table
/** Words of training: scripted faults, score, competence. */
import { type Group } from './words.ts'

export const TRAINING = {} as const satisfies Group
