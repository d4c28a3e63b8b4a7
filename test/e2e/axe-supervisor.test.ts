/** WCAG 2.2 AA, state by state: supervisor. */
import { testAxe } from '../helpers/axe.ts'

testAxe(name => name.startsWith('supervisor-'))
