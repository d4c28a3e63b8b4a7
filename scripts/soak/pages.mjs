/** `npm run soak -- pages`: whole shifts by keys and by touch, and every page magnified, with long words, and marked in training. */
import { runLeftOut } from '../left-out.mjs'

export function main() { runLeftOut('pages') }
