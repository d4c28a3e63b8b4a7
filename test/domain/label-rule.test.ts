/** When a unit may have a label: every row named. */
import { describe, expect, it } from 'vitest'
import type { FaultCode, Grade, Outcome } from '#shared'
import type { Job } from '../../src/main/domain/job.ts'
import { LABEL_CODE, labelCode, labelFor } from '../../src/main/domain/label-rule.ts'
import type { Unit } from '../../src/main/domain/unit.ts'
import { GATEWAY, jobId, unitId } from '../helpers/ledger.ts'

const UNIT: Unit = {
  uid: unitId('u1'), aliases: [{ kind: 'tag', value: 'RB-0001' }, { kind: 'mac', value: '02:1e:00:00:00:01' }], product: GATEWAY, method: 'wired', lane: null, ip: null, hostName: null, fingerprint: null, metAt: 0, stay: 1, stayAt: 0, isHere: true,
  scannedAt: 1, readiness: null, evidence: [], hold: null, job: jobId('j1'), attemptsThisStay: 1, tote: null
}
function job(outcome: Outcome | null, code: FaultCode | null = null, grade: Grade | null = outcome === 'proven' ? 'A' : null): Job {
  return {
    uid: jobId('j1'), unit: UNIT.uid, attempt: 1, method: 'wired', account: 'house', product: GATEWAY, wave: null, operator: null, stage: outcome === null ? 'proving' : 'closed', stageAt: 1, openedAt: 1, resetDoneAt: 1, askedAt: 1, token: null,
    closedAt: outcome === null ? null : 2, outcome, grade, provenAt: outcome === 'proven' ? 2 : null, fault: code === null ? null : { code, context: {} }
  }
}
const HOLD = { owner: 'lead', reason: 'customer', at: 1 }

describe('a label', () => {
  it.each<[string, Partial<Unit>, Job | null, ReturnType<typeof labelFor>]>([
    ['proven, grade A', {}, job('proven'), 'release'],
    ['proven, grade B', {}, job('proven', null, 'B'), 'release'],
    ['proven by a person\'s word', {}, job('proven', null, 'C'), { why: 'grade C is no proof' }],
    ['proven, and bound to our own account', { boundToUs: { account: 'house', deviceId: 'd', at: 1 } }, job('proven'), { why: 'bound to our own account' }],
    ['proven, and nobody knows which box', { aliases: [{ kind: 'mac', value: '02:1e:00:00:00:01' }] }, job('proven'), { why: 'nobody knows which box it is' }],
    ['proven on a known lane', { aliases: [{ kind: 'mac', value: '02:1e:00:00:00:01' }], lane: 3 }, job('proven'), 'release'],
    ['proven, and held', { hold: HOLD }, job('proven'), { why: 'on hold' }],
    ['without a job', {}, null, { why: 'no verdict yet' }],
    ['asked, no verdict', {}, job(null), { why: 'no verdict yet' }],
    ['refused for good', {}, job('refused', 'cloud.no-permission'), 'aside'],
    ['refused for want of quota', {}, job('refused', 'quota.account-spent'), { why: 'waits for another day' }],
    ['put off to another day', { postponedAt: 1 }, job('unproven', 'unit.silent'), { why: 'waits for another day' }],
    ['unproven, one more attempt open', {}, job('unproven'), { why: 'one more attempt is open' }],
    ['unproven, attempts used up', { attemptsThisStay: 2 }, job('unproven'), 'aside'],
    ['unproven and held', { hold: HOLD }, job('unproven'), 'aside'],
    ['broken: run again', {}, job('broken', 'cloud.unreachable'), { why: 'taken away, or run again' }],
    ['taken away', { attemptsThisStay: 2 }, job('withdrawn', 'unit.removed'), { why: 'taken away, or run again' }],
    ['not proven, and nobody knows which box', { aliases: [] }, job('refused', 'cloud.no-permission'), { why: 'nobody knows which box it is' }]
  ])('of a unit that is %s', (_what, change, last, expected) => {
    expect(labelFor({ ...UNIT, ...change }, last)).toEqual(expected)
  })

  it('has a code of ten letters of chance, none of which reads like another', () => {
    const codes = ['0190a1b2-c3d4-7abc-8def-0123456789ab', '0190a1b2-c3d4-7abc-8def-0123456789ac', '0190a1b2-c3d4-7abc-8fff-ffffffffffff', '0190a1b2-c3d4-7abc-8000-000000000000'].map(labelCode)
    expect(codes.slice(2)).toEqual(['ZZZZZZZZZZ', '0000000000'])
    expect(new Set(codes).size).toBe(4)
    for (const code of codes) expect(code).toMatch(LABEL_CODE)
  })
})
