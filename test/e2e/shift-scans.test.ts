/** A whole shift in the browser, by scans alone. */
import { testShift } from '../helpers/shift-story.ts'
import { byScans } from '../helpers/ways.ts'

testShift('by scans alone (acceptance check 9)', {}, shift => byScans(shift))
