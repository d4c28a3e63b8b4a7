/** WCAG 2.2 AA, state by state: settings. */
import { testAxe } from '../helpers/axe.ts'

testAxe(name => name.startsWith('settings-'))
