/** A whole shift in the browser, by touch alone, on a tablet. */
import { TABLET } from '../helpers/browser.ts'
import { testShift } from '../helpers/shift-story.ts'
import { byTouch } from '../helpers/ways.ts'

testShift('by touch alone', { hasTouch: true, ...TABLET }, shift => byTouch(shift))
