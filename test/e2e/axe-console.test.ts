/** WCAG 2.2 AA, state by state: console. */
import { testAxe } from '../helpers/axe.ts'

testAxe(name => name.startsWith('console-'))
