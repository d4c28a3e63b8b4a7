import { expect, test } from 'vitest'
import type { UnitView } from '#shared'
import { historyText, networkText, unitsText } from '../../src/main/tables.ts'

test('columns line up under their heads, and what is not known is a dash', () => {
  const text = historyText([{ seq: 12, at: Date.UTC(2026, 10, 22, 8, 0, 1), kind: 'unit.met', unit: null, job: null, body: { by: 'scan' } }])
  expect(text).toBe('seq  time                 fact      unit  what\n12   2026-11-22 08:00:01  unit.met  -     {"by":"scan"}')
  expect(unitsText([])).toBe('no units')
  expect(unitsText([unit({ lane: 3, outcome: 'proven', grade: 'A' })])).toMatch(/P03 .* proven A /)
})

test('what units say about themselves cannot steer the terminal', () => {
  const lease = { ip: '10.77.0.20', mac: '02:00:00:00:00:01', hostName: '\u001b[2Jcam\u202e', vendorClass: 'x'.repeat(500), since: 0, until: 0, state: 'bound' as const }
  const text = networkText({ clock: { now: 0, rate: 1 }, card: null, dhcp: { state: 'off', fault: null, poolSize: 0, poolUsed: 0, counters: {} }, lan: { listening: [], counters: {}, fault: null }, leases: [lease] })
  expect(text).toContain('?[2Jcam?')
  expect(text.split('\n').every(line => line.length < 250)).toBe(true)
})

function unit(more: Partial<UnitView>): UnitView {
  return {
    uid: '01' as UnitView['uid'], // a branded id, as the gate gives it
    name: 'RB-1', aliases: [], product: null, productName: null, method: 'wired', lane: null, ip: null, metAt: 0, heardAt: null, readiness: null,
    pips: { link: 'off', lease: 'off', announcement: 'off', cloud: 'off' }, job: null, stage: 'closed', stageAt: null, attempt: 1, wave: null, resetDoneAt: null, askedAt: null, provenAt: null,
    outcome: null, grade: null, fault: null, closedAt: null, operator: null, hold: null, light: null, hasJoined: false, prompt: 'none', isIdentified: true, ...more
  }
}
