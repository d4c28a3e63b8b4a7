import { expect, test } from 'vitest'
import type { UnitView } from '#shared'
import { historyText, networkText, unitsText, whyText } from '../../src/main/tables.ts'

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

test('why: a name nobody has says what may be asked, and where nothing is in the way it says that', () => {
  const nobody = { mac: null, ip: null, lane: null, unit: null, name: null }
  expect(whyText({ ...nobody, checks: [{ name: 'link', state: 'bad', fault: { code: 'unit.no-link', context: {} }, seen: {} }] })).toMatch(/^nothing is known by that name: say a MAC, .*$/)
  expect(whyText({ ...nobody, lane: 3, checks: [{ name: 'link', state: 'ok', fault: null, seen: {} }] })).toMatch(/^P03\n\n[^]*\n\nNothing stands in its way\.$/)
  expect(whyText({ ...nobody, lane: 3, checks: [{ name: 'link', state: 'bad', fault: { code: 'unit.no-link', context: {} }, seen: {} }] })).toMatch(/Check power and cable of the unit; try another cable\.$/)
})

test('of the network only what has happened is counted', () => {
  const counters = { heard: 2, 'sent.nak': 0 }
  expect(networkText({ clock: { now: 0, rate: 1 }, card: null, dhcp: { state: 'off', fault: null, poolSize: 0, poolUsed: 0, counters }, lan: { listening: [], counters: { malformed: 0 }, fault: null }, leases: [] })).toBe('card          none\ndhcp          off, 0 of 0 lent\n              heard 2\nlan           listening on nothing\n\nno leases')
})

function unit(more: Partial<UnitView>): UnitView {
  return {
    uid: '01' as UnitView['uid'], // a branded id, as the gate gives it
    name: 'RB-1', aliases: [], product: null, productName: null, method: 'wired', lane: null, ip: null, metAt: 0, heardAt: null, readiness: null,
    pips: { link: 'off', lease: 'off', announcement: 'off', cloud: 'off' }, job: null, stage: 'closed', stageAt: null, attempt: 1, wave: null, resetDoneAt: null, askedAt: null, provenAt: null,
    outcome: null, grade: null, fault: null, closedAt: null, operator: null, hold: null, light: null, hasJoined: false, prompt: 'none', isIdentified: true, ...more
  }
}
