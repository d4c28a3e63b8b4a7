/** Canned views of the cloud side. */
import type { AccountView, PlanRow, PlanView, RelayView, UnitId, UnmatchedView } from '#shared'
import { NOW } from './fixtures.ts'

const name = (en: string) => ({ en, zh: en })
const permission = (product: string, words: string, state: 'allowed' | 'denied') => ({ product, productName: name(words), state, at: NOW, fault: null })

export const ACCOUNTS: readonly AccountView[] = [
  {
    id: 'house', clientIdEnd: '0001', baseUrl: 'https://openapi.tuyaeu.com', region: 'EU', source: 'openapi', release: 'none', family: 'industry', origin: 'config', secretKind: 'file', inUse: 1, fault: null,
    quota: { cap: 100, spent: 97, reserved: 1, refusedAt: null, day: { by: 'learnt', fromMinutes: 960, toMinutes: 30, isUsed: true, seen: 3, refusedAt: NOW - 60_000_000, acceptedAt: NOW - 30_000_000 } }, products: [permission('gw3wired00000001', 'Gateway G3', 'allowed'), permission('dvr4wired0000001', 'Recorder D4', 'denied')]
  },
  {
    id: 'partner', clientIdEnd: '0002', baseUrl: 'https://openapi.tuyaus.com', region: 'AZ', source: 'openapi', release: 'delete', family: 'smart-home', origin: 'station', secretKind: 'file', inUse: 0,
    fault: { code: 'account.sealed-elsewhere', context: { account: 'partner' } }, quota: { cap: 100, spent: 0, reserved: 0, refusedAt: null, day: null }, products: []
  }
]
const row = (n: number, account: string | null, tote: string | null): PlanRow => ({ unit: `u${n}` as UnitId, name: `RB-000${n}`, product: 'gw3wired00000001', productName: name('Gateway G3'), account, tote, since: NOW - n * 60_000 }) // ids of a canned view
export const PLAN: PlanView = {
  clock: { now: NOW, rate: 1 }, today: [row(1, 'house', null)], tomorrow: [row(2, null, 'T-17')], impossible: [], counts: { today: 1, tomorrow: 1, impossible: 0 },
  accounts: [{ account: 'house', units: 1, tokens: 1, left: 2, runsOutAt: NOW + 1_800_000 }], waves: 0, tokens: 1, daysMin: 2
}
export const UNMATCHED: readonly UnmatchedView[] = [{ result: 41, at: NOW, account: 'house', ok: true, deviceId: 'bf0123', uuid: 'unheard-of', code: null, tid: 'tid41' }]
export const RELAY: RelayView = { consent: { by: 'LEAD', at: NOW }, accounts: [{ id: 'phone', region: 'EU' }], stated: null, waiting: { account: 'phone', leftMs: 35_000 }, isNextNeeded: true }
