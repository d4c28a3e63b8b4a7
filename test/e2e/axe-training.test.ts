/** WCAG 2.2 AA, state by state: training. */
import { testAxe } from '../helpers/axe.ts'

testAxe(name => name.startsWith('training-'))
