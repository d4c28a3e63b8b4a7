/** Canned views of the settings pages, the checklist and the cards, for screens without a station. */
import { READY_STEPS, type CardView, type FactView, type ProfileView, type ReadyStepView, type ReadyView, type SettingsView, type SettingView } from '#shared'
import { SETTINGS } from '../../src/main/config.ts'
import { NOW } from './fixtures.ts'

const DANGEROUS = /^(bench\.(card|address)|dhcp\.|quota\.)/
const settings = Object.entries(SETTINGS).map(([key, s]): SettingView => {
  const { values = null, kind, value, range, why } = s
  return { key, kind, value, standard: value, range, choices: values, why, origin: 'default', changed: /^(mode|accounts|wifi|wave\.command)$/.test(key) ? 'file' : 'here', isDangerous: DANGEROUS.test(key), next: null, own: null }
})
const changed = (key: string, change: Partial<SettingView>): void => { settings.splice(settings.findIndex(s => s.key === key), 1, { ...settings.find(s => s.key === key) as SettingView, ...change }) } // each key is one of the table
changed('bench.card', { value: 'enx00e04c680001', origin: 'file' })
changed('bench.rack', { value: 'R1', next: 'rack-1', own: { value: 'rack-1', at: NOW - 3_600_000, by: 'ADMIN' } })
changed('bench.lanes', { value: 7, origin: 'environment' })
changed('rack.distanceCm', { value: 180, origin: 'station', own: { value: 180, at: NOW - 86_400_000, by: 'ADMIN' } })

export const SETTINGS_VIEW: SettingsView = { file: '/etc/unbindery/config.json', settings, fault: null }
export const SETTING_FACTS: readonly FactView[] = [
  { seq: 211, at: NOW - 3_600_000, kind: 'setting.changed', unit: null, job: null, body: { key: 'bench.rack', from: 'R1', to: 'rack-1', by: 'ADMIN' } },
  { seq: 90, at: NOW - 86_400_000, kind: 'setting.changed', unit: null, job: null, body: { key: 'rack.distanceCm', from: 120, to: 180, by: 'ADMIN' } }
]
export const CARDS: readonly CardView[] = [
  { name: 'enx00e04c680001', mac: '00:e0:4c:68:00:01', address: '10.77.0.1', isUp: true, isOffice: false, isBench: true, heard: { at: NOW - 4000, seconds: 25, units: 6, asking: 8, fault: null } },
  { name: 'eno1', mac: '3c:52:82:10:aa:01', address: '192.168.50.10', isUp: true, isOffice: true, isBench: false, heard: null }
]
export const PROFILES: readonly ProfileView[] = [
  { product: 'nvr8wired0000001', name: { en: 'Recorder N8', zh: '录像机 N8' }, kind: 'nvr', method: 'wired', resetHoldSeconds: 15, pairingSeconds: 900, rebootSeconds: 60, centre: null, recipe: 'uboot-env', recipeRuns: 20, recipeVerified: 18, tested: 41, proven: 38, isProven: true },
  { product: 'cam2qr0000000001', name: { en: 'Camera C2', zh: '摄像机 C2' }, kind: 'camera', method: 'qr', resetHoldSeconds: 6, pairingSeconds: 300, rebootSeconds: 15, centre: 'EU', recipe: null, recipeRuns: 0, recipeVerified: 0, tested: 0, proven: 0, isProven: false }
]
const step = (name: ReadyStepView['step'], change: Partial<ReadyStepView> = {}): ReadyStepView => ({ step: name, state: 'done', at: NOW - 60_000, by: 'LEAD', fault: null, found: {}, ...change })
const CHANGES: Partial<Record<ReadyStepView['step'], Partial<ReadyStepView>>> = {
  card: { found: { card: 'enx00e04c680001', units: 6, asking: 8 } }, guard: { found: { seconds: 5 } }, lease: { found: { ip: '10.77.0.20', ms: 42 } }, printer: { state: 'open', at: null, by: null, found: { address: '10.77.0.9:9100', label: 'sent' } },
  scanner: { state: 'skipped', found: { why: 'said' } }, distance: { state: 'open', at: null, by: null }, account: { state: 'failed', fault: { code: 'cloud.unreachable', context: {} }, found: { accounts: 1, allowed: 0, denied: 0 } },
  unit: { found: { outcome: 'proven', certificate: 'valid', facts: 31 } }
}
export const READY_VIEW: ReadyView = {
  clock: { now: NOW, rate: 1 }, steps: READY_STEPS.map(name => step(name, CHANGES[name])), first: null, isDue: true, isRunning: false, maySign: false,
  daily: { id: '0199', at: NOW - 86_400_000, by: 'LEAD', how: 'daily', isReady: false, failed: ['guard'], skipped: ['printer'] }
}
export const SET: Readonly<Record<string, unknown>> = { 'settings.view': SETTINGS_VIEW, 'setting.changed': SETTING_FACTS, 'card.list': CARDS, 'profile.list': PROFILES, 'profile.test': { products: 6, complaints: [] }, 'ready.view': READY_VIEW, 'ready.try': READY_VIEW }
