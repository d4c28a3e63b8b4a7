/** Every page and state that is looked at: by eye as pictures (`npm run screens`), by axe, magnified, in training. */
import type { Page } from 'playwright-core'
import { BENCH, CODE_TEXT, displayOf, NOW, WAVE } from './fixtures.ts'
import type { FakeDoor } from './fake-door.ts'
import { KEPT } from './paper-fixtures.ts'
import { BESIDE, OPERATOR, STAFFED } from './people-fixtures.ts'
import { SET } from './settings-fixtures.ts'
import { SUPERVISED } from './supervisor-fixtures.ts'
import { TRAINED, TRAINING_BENCH } from './training-fixtures.ts'

export interface Shot {
  readonly name: string
  readonly page: 'index' | 'display'
  readonly search?: string
  readonly scheme?: 'dark' | 'light'
  /** Sets the views, before the page is opened. */
  readonly set: (door: FakeDoor) => void
  /** What an operator does on the page before it is looked at; it ends when the page has its answers. */
  readonly act?: (page: Page) => Promise<void>
}

const ALL = { ...SUPERVISED, ...KEPT, ...SET, ...STAFFED }
const tab = (name: string) => (page: Page): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const inside = (pages: string, name: string) => (page: Page): Promise<void> => page.getByRole('navigation', { name: pages }).getByRole('button', { name, exact: true }).click()
/** A page that is fetched when it is asked for, and the answers to its questions. */
const loaded = async (page: Page): Promise<void> => {
  await page.locator('.second, .unit-card').first().waitFor()
  await page.getByText(/^(Asking|正在询问)$/).first().waitFor({ state: 'hidden' })
}
const bench = (name: keyof typeof BENCH, more: Partial<Shot> = {}): Shot => ({ name: `console-${name}`, page: 'index', set: door => door.showBench(BENCH[name]), ...more })
const display = (name: string, change: Parameters<typeof displayOf>[0], more: Partial<Shot> = {}): Shot => ({ name: `display-${name}`, page: 'display', set: door => door.showDisplay(displayOf(change)), ...more })
const set = (door: FakeDoor): void => { door.canned = ALL; door.showBench(BENCH.busy) }
const page = (name: string, act: (page: Page) => Promise<void>, more: Partial<Shot> = {}): Shot => ({ name, page: 'index', set, act: async p => { await act(p); await loaded(p) }, ...more })
const supervisor = (name: string, more: Partial<Shot> = {}): Shot => page(`supervisor-${name.toLowerCase()}`, async p => { await tab('Supervisor')(p); await inside('Pages of the supervisor', name)(p) }, more)
const settings = (name: string, more: Partial<Shot> = {}): Shot => page(`settings-${name.toLowerCase().replace(/ .*/, '')}`, async p => { await tab('Settings')(p); await inside('Pages of the settings', name)(p) }, more)
const training = (name: keyof typeof TRAINED, more: Partial<Shot> = {}): Shot => ({
  name: `training-${name}`, page: 'index', set: door => { door.canned = { ...ALL, ...TRAINED[name] }; door.showBench(TRAINING_BENCH) },
  act: async p => { await tab('Training')(p); await p.locator('.second-training table').waitFor() }, ...more
})
const ZH_DARK = { search: '?lang=zh', scheme: 'dark' } as const
/** An act of a lead, asked for by an operator; `here`: whose badge was scanned since. */
const asksLead = (name: string, here: typeof OPERATOR): Shot => ({
  name, page: 'index', set: door => { door.canned = ALL; door.refuses = { 'unit.release': 'person.needs-lead' }; door.showBench({ ...BENCH.refused, here }) },
  act: async p => {
    await p.getByRole('button', { name: 'W-00417' }).click()
    await p.getByLabel('Reason (for hold or release)').fill('looked at it')
    await p.getByRole('button', { name: 'Release hold', exact: true }).click()
    await p.locator('.pin-panel').waitFor()
  }
})

const CONSOLE: readonly Shot[] = [
  bench('empty'), bench('busy'), bench('busy', { name: 'console-busy-dark', scheme: 'dark' }), bench('busy', { name: 'console-busy-zh', search: '?lang=zh' }),
  bench('refused'), bench('refused', { name: 'console-refused-zh-dark', ...ZH_DARK }), bench('unproven'), bench('broken'), bench('withdrawn'), bench('wave'), bench('hostile'), bench('full'),
  bench('busy', { name: 'console-unit', act: p => p.getByRole('button', { name: 'W-00417' }).click() }),
  bench('busy', { name: 'console-hands', set, act: async p => { await p.getByRole('button', { name: 'W-00411' }).click(); await loaded(p) } }),
  bench('busy', { name: 'console-why', set, act: async p => { await p.getByRole('button', { name: /^P08: / }).click(); await loaded(p) } }),
  asksLead('console-badge', OPERATOR), asksLead('console-pin', BESIDE),
  bench('busy', { name: 'console-typed', act: p => p.keyboard.press('F2') }),
  bench('wave', { name: 'console-wave-page', act: tab('Wave') }), bench('leftovers', { name: 'console-leftovers', act: tab('Wave') }), bench('leftovers', { name: 'console-leftovers-zh-dark', ...ZH_DARK, act: tab('波次') }),
  bench('refused', { name: 'console-network', act: async p => { await tab('Network')(p); await loaded(p) } }),
  bench('scanned'), bench('returned'), bench('called', { name: 'console-called-dark', scheme: 'dark' }), bench('pairs'),
  bench('refused', { name: 'console-help', act: p => p.keyboard.press('F1') }), bench('refused', { name: 'console-help-zh-dark', ...ZH_DARK, act: p => p.keyboard.press('F1') })
]
const SUPERVISOR: readonly Shot[] = [
  ...['Units', 'Batches', 'Holds', 'Certificates', 'Unmatched', 'Quota', 'Log', 'Hand-over'].map(name => supervisor(name)),
  page('supervisor-timeline', async p => { await p.keyboard.press('F3'); await p.getByRole('button', { name: 'W-00411', exact: true }).click() }),
  supervisor('Certificates', { name: 'supervisor-certificate-found', act: async p => { await tab('Supervisor')(p); await tab('Certificates')(p); await p.locator('#certificate-text').fill('{}'); await p.getByRole('button', { name: 'Check', exact: true }).click(); await p.locator('.certificate-state').waitFor() } }),
  page('supervisor-hand-over-zh-dark', p => p.keyboard.press('F10'), ZH_DARK), page('supervisor-quota-zh-dark', p => p.keyboard.press('F9'), ZH_DARK)
]
const SETTINGS: readonly Shot[] = [
  ...['Checklist', 'Bench', 'Profiles', 'Accounts', 'Wi-Fi', 'Printing', 'Integration', 'Data', 'People', 'Serial', 'Scanner', 'Sounds and display'].map(name => settings(name)),
  settings('Serial', { name: 'settings-terminal', act: async p => { await tab('Settings')(p); await inside('Pages of the settings', 'Serial')(p); await p.getByRole('button', { name: 'Terminal', exact: true }).click(); await p.getByRole('button', { name: 'Open', exact: true }).click(); await p.locator('.xterm-rows').waitFor() } }),
  page('settings-checklist-zh-dark', tab('设置'), ZH_DARK),
  page('settings-bench-zh', async p => { await tab('设置')(p); await inside('设置页面', '工作台')(p) }, { search: '?lang=zh' })
]
const TRAINING: readonly Shot[] = [
  training('begin'), training('running'), training('scored'), training('passed'), training('running', { name: 'training-strip', act: p => p.locator('.exercise').waitFor() }),
  training('scored', { name: 'training-scored-zh-dark', ...ZH_DARK, act: async p => { await tab('培训')(p); await p.locator('.second-training table').waitFor() } })
]
const DISPLAY: readonly Shot[] = [
  bench('wave', { name: 'board', page: 'display', search: '?board' }), bench('refused', { name: 'board-zh', page: 'display', search: '?board&lang=zh' }),
  display('code', { code: CODE_TEXT }), display('code-training', { code: CODE_TEXT, mode: 'training' }), display('code-zh', { code: CODE_TEXT, mode: 'training' }, { search: '?lang=zh' }),
  display('none', { wave: null, code: null }), display('soon', { wave: { ...WAVE, state: 'planned', shownAt: null, expiresAt: null, joined: 0 }, code: null, mode: 'training' }),
  display('full', { wave: { ...WAVE, state: 'settling', joined: 30, stopReason: 'full' }, code: null }),
  display('expired', { wave: { ...WAVE, expiresAt: NOW - 1000 }, code: CODE_TEXT }), display('stopped', { wave: { ...WAVE, state: 'settling', stopReason: 'operator' }, code: null }, { search: '?lang=zh' })
]
export const SHOTS: readonly Shot[] = [...CONSOLE, ...SUPERVISOR, ...SETTINGS, ...TRAINING, ...DISPLAY]
/** What is printed from the page itself, by the browser's own print. */
export const PRINTED: readonly Shot[] = [supervisor('Hand-over'), supervisor('Quota'), supervisor('Holds'), supervisor('Units'), settings('Checklist')]
