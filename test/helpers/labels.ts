/** The label formats that come with the station. */
import { openLabelFormats } from '../../src/main/bench/label-book.ts'

export const { formats: FORMATS } = openLabelFormats(null)
