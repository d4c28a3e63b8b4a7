/** WCAG 2.2 AA, state by state: display. */
import { testAxe } from '../helpers/axe.ts'

testAxe(name => name.startsWith('display-') || name.startsWith('board'))
