/** A whole shift in the browser, by keys alone. */
import { testShift } from '../helpers/shift-story.ts'
import { byKeys } from '../helpers/ways.ts'

testShift('by keys alone', {}, shift => byKeys(shift))
