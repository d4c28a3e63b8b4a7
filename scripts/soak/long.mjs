/** `npm run soak -- long`: the tests that take long or want a core for themselves; a step of CI. */
import { runLeftOut } from '../left-out.mjs'

export function main() { runLeftOut('long') }
