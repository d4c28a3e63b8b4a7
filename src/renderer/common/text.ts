/** Every word the pages say, by key, in both languages, one file a page group. A test fails on a key that is missing, that no page uses or that stands in two groups. */
import type { Words } from '#shared'
import { ACCOUNTS } from './text/accounts.ts'
import { BENCH } from './text/bench.ts'
import { CARE } from './text/care.ts'
import { DISPLAY } from './text/display.ts'
import { FIGURES } from './text/figures.ts'
import { HELP } from './text/help.ts'
import { HISTORY } from './text/history.ts'
import { NETWORK } from './text/network.ts'
import { PAGE } from './text/page.ts'
import { PAPER } from './text/paper.ts'
import { PEOPLE } from './text/people.ts'
import { PORTS } from './text/ports.ts'
import { READY } from './text/ready.ts'
import { SETTINGS } from './text/settings.ts'
import { SUPERVISOR } from './text/supervisor.ts'
import { TRAINING } from './text/training.ts'
import { WAVE } from './text/wave.ts'

export const GROUPS = [PAGE, BENCH, WAVE, FIGURES, NETWORK, HISTORY, DISPLAY, ACCOUNTS, SETTINGS, READY, SUPERVISOR, PEOPLE, PORTS, PAPER, CARE, TRAINING, HELP] as const

export const TEXT = {
  ...PAGE, ...BENCH, ...WAVE, ...FIGURES, ...NETWORK, ...HISTORY, ...DISPLAY, ...ACCOUNTS, ...SETTINGS, ...READY, ...SUPERVISOR, ...PEOPLE, ...PORTS, ...PAPER, ...CARE, ...TRAINING, ...HELP
} as const satisfies Record<string, Words>

export type TextKey = keyof typeof TEXT
