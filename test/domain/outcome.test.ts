/** What counts as proof: the truth table of domain/outcome.ts, every row a sentence. The ask is at 100. */
import { describe, expect, it } from 'vitest'
import type { FaultCode, FaultView, Instant } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Job } from '../../src/main/domain/job.ts'
import { assessProof, assessSilence, verdictOf, type Evidence } from '../../src/main/domain/outcome.ts'
import { GATEWAY, jobId, unitId } from '../helpers/ledger.ts'

const ASKED = 100
const NO_PERMISSION: FaultView = { code: 'cloud.no-permission', context: { number: 1106 } }
const ready = (at: Instant): Evidence => ({ kind: 'announced', at, active: 0, gwId: 'uuid-1', uuid: 'uuid-1' })
const trying = (at: Instant): Evidence => ({ kind: 'announced', at, active: 1, gwId: 'uuid-1', uuid: 'uuid-1' })
const active = (at: Instant): Evidence => ({ kind: 'announced', at, active: 2, gwId: 'device-1', uuid: 'uuid-1' })
const boundAs = (at: Instant, gwId: string): Evidence => ({ kind: 'announced', at, active: 2, gwId, uuid: 'uuid-1' })
const deviceIdOnly = (at: Instant): Evidence => ({ kind: 'announced', at, active: 0, gwId: 'device-1', uuid: 'uuid-1' })
const gone = (at: Instant, of: 'announcement' | 'lease' | 'link' = 'announcement'): Evidence => ({ kind: 'gone', at, of })
const back = (at: Instant, of: 'announcement' | 'lease' | 'link' = 'announcement'): Evidence => ({ kind: 'back', at, of })
const released = (at: Instant): Evidence => ({ kind: 'cloud-released', at, tid: 't1', deviceId: 'device-2' })
const refused = (at: Instant): Evidence => ({ kind: 'cloud-refused', at, fault: NO_PERMISSION })
const sent = (at: Instant): Evidence => ({ kind: 'token-sent', at, transport: 'lan-55aa' })
const accepted = (at: Instant): Evidence => ({ kind: 'token-accepted', at, transport: 'lan-55aa' })
const rejected = (at: Instant): Evidence => ({ kind: 'token-rejected', at, transport: 'lan-55aa', text: 'busy' })
const light = (at: Instant): Evidence => ({ kind: 'light', at, light: 'red-blinking', operator: '1001' })
const fixed = (e: Evidence): Evidence => e.kind === 'announced' ? { ...e, isFixed: true } : e
const joined = (at: Instant): Evidence => ({ kind: 'joined', at, ip: '10.77.0.20' })
const unwatched = (at: Instant): Evidence => ({ kind: 'unwatched', at })

type Row = readonly [sentence: string, evidence: readonly Evidence[], expected: string]
const said = (evidence: readonly Evidence[]): string => {
  const { outcome, grade, fault } = assessProof(evidence, ASKED)
  return [outcome ?? 'nothing yet', grade ?? '', fault?.code ?? ''].filter(word => word !== '').join(' ')
}

describe('proof since the ask', () => {
  it.each<Row>([
    ['nothing at all proves nothing', [], 'nothing yet'],
    ['a unit that only sits there announcing that it is ready proves nothing', [ready(110), ready(120), ready(130)], 'nothing yet'],
    ['a token that was sent and accepted proves nothing', [sent(101), accepted(102)], 'nothing yet'],
    ['an address taken by a camera proves nothing', [joined(110)], 'nothing yet'],
    ['a brown-out alone (gone and back by itself) is no proof', [gone(110), back(150), ready(151)], 'nothing yet'],
    ['a cable pulled and put back is no proof', [gone(110, 'link'), back(120, 'link'), gone(110, 'lease'), back(121, 'lease')], 'nothing yet'],
    ['activating, then ready again, is no proof: a power cut or a pairing time-out looks the same', [trying(110), ready(140)], 'nothing yet'],
    ['the same with the token accepted and every moment watched: a unit that gave up looks so too', [ready(90), sent(101), accepted(102), trying(110), ready(140)], 'nothing yet'],
    ['activated and still activated is no proof: it may have been bound again', [active(110), active(150)], 'nothing yet'],
    ['activated, then gone, is no proof until it is back', [active(110), gone(150)], 'nothing yet'],
    ['ready, then activated, is the wrong way round', [ready(110), active(120)], 'nothing yet'],
    ['activated, then ready under its uuid, is proven, grade B', [ready(90), active(110), ready(150)], 'proven B'],
    ['activating, activated, activating, ready: the fall back counts whatever stood between', [trying(105), active(110), trying(120), ready(150)], 'proven B'],
    ['a device id announced in place of the uuid is an activation too', [ready(90), deviceIdOnly(110), ready(150)], 'proven B'],
    ['ready, but still under its device id, has not fallen back', [ready(90), active(110), deviceIdOnly(150)], 'nothing yet'],
    ['activated under the id it was bound by before the ask, then ready: its reset did not last, and somebody pressed again', [active(50), ready(90), active(110), ready(150)], 'nothing yet'],
    ['activated under an id not seen before the ask, then ready, is proven, whatever it was bound by', [boundAs(50, 'device-0'), ready(90), active(110), ready(150)], 'proven B'],
    ['never announced before the ask, activated after a restart, then ready: nobody knows whose activation that was', [ready(90), joined(120), active(125), ready(150)], 'nothing yet'],
    ['the same when its activating was seen before the power went', [ready(90), trying(105), joined(120), active(125), ready(150)], 'nothing yet'],
    ['the same after a silence', [ready(90), gone(115), back(120), active(125), ready(150)], 'nothing yet'],
    ['the same when the lease is told after the word that came with it', [ready(90), active(125), joined(120), ready(150)], 'nothing yet'],
    ['activated when nobody had seen it in factory state is no proof: the activation was not watched', [active(110), ready(150)], 'nothing yet'],
    ['an activation seen from a listed static address is no proof: nothing tells when such a unit restarts', [fixed(ready(90)), fixed(active(110)), fixed(ready(150))], 'nothing yet'],
    ['leases were not ours to give between its last word in factory state and its activation: it may have restarted unheard', [ready(90), unwatched(105), active(120), ready(150)], 'nothing yet'],
    ['the same when both words were heard in that time', [unwatched(85), fixed(ready(90)), fixed(active(120)), ready(150)], 'nothing yet'],
    ['the same when it was activated before anybody noticed', [ready(90), fixed(active(120)), unwatched(121), ready(150)], 'nothing yet'],
    ['seen ready again when leases are ours again, and then activated, then ready, is proven', [ready(90), unwatched(105), ready(110), active(120), ready(150)], 'proven B'],
    ['restarted, seen ready again, and then activated without another restart, then ready, is proven', [ready(90), joined(105), ready(107), active(120), ready(150)], 'proven B'],
    ['a restart after the activation takes nothing away: it had been released by then', [ready(90), active(110), joined(120), active(125), ready(150)], 'proven B'],
    ['activated and ready in turn is no proof: two boxes speak from one address', [ready(90), active(110), ready(115), active(120), ready(125)], 'nothing yet'],
    ["the cloud's record alone is proven, grade B", [released(120)], 'proven B'],
    ["the cloud's record of a unit that sits there unmoved is proven, grade B", [ready(110), released(120), ready(130)], 'proven B'],
    ["the cloud's record, and gone and back, is proven, grade A", [gone(110), released(120), back(150)], 'proven A'],
    ["the cloud's record, and gone but not yet back, is grade B so far", [released(120), gone(130)], 'proven B'],
    ["the cloud's record, and activating then ready, is proven, grade A", [trying(110), released(120), ready(150)], 'proven A'],
    ["the cloud's record, and activated then ready, is proven, grade A", [ready(90), active(110), ready(150), released(160)], 'proven A'],
    ['released and refused in one list: the release stands, whichever came first', [refused(110), released(120)], 'proven B'],
    ['refused after a release: the release stands', [released(110), refused(120)], 'proven B'],
    ['a seen fall back outweighs a refusal of the cloud', [ready(90), active(110), ready(120), refused(130)], 'proven B'],
    ["the cloud's refusal is a refusal, with its reason", [accepted(105), refused(120)], 'refused cloud.no-permission'],
    ["the unit's refusal is a refusal", [sent(101), rejected(102)], 'refused unit.refused'],
    ['a refusal before or after an acceptance decides nothing: the token is in the unit', [accepted(102), rejected(103)], 'nothing yet'],
    ['refused first and accepted by the next key decides nothing', [rejected(102), accepted(103)], 'nothing yet'],
    ["an operator's word about the light decides nothing", [light(150)], 'nothing yet']
  ])('%s', (_sentence, evidence, expected) => expect(said(evidence)).toBe(expected))

  it.each<Row>([
    ['a release', [released(99)], 'nothing yet'],
    ['a refusal', [refused(99)], 'nothing yet'],
    ['an activation seen while it was still bound', [active(50), active(90), ready(130)], 'nothing yet'],
    ['an acceptance of the attempt before', [accepted(50), rejected(110)], 'refused unit.refused'],
    ['going away', [gone(90), back(130), released(140)], 'proven B']
  ])('evidence from before the ask counts for nothing: %s', (_sentence, evidence, expected) => expect(said(evidence)).toBe(expected))

  it('evidence of the very moment of the ask counts', () => expect(said([released(ASKED)])).toBe('proven B'))

  it('the moment of proof is that of the record, or else of the fall back', () => {
    expect(assessProof([ready(90), active(110), ready(150), released(160)], ASKED).provenAt).toBe(160)
    expect(assessProof([ready(90), active(110), ready(150), ready(170)], ASKED).provenAt).toBe(150)
    expect(assessProof([refused(120)], ASKED).provenAt).toBeNull()
  })

  it('waits for a better grade only where one can come', () => {
    const canImprove = (evidence: readonly Evidence[]): boolean => assessProof(evidence, ASKED).canImprove
    expect([[], [released(120)], [ready(90), active(110), ready(120)]].map(canImprove)).toEqual([true, true, true])
    expect([[released(120), gone(130), back(140)], [refused(120)], [rejected(120)]].map(canImprove)).toEqual([false, false, false])
  })

  it('a late release raises what had no proof, and more evidence never lowers what is proven', () => {
    const all = [sent(101), rejected(102), trying(110), gone(120), released(130), back(140), ready(150), refused(160), light(170)]
    const outcomes = all.map((_, n) => assessProof(all.slice(0, n + 1), ASKED))
    expect(outcomes.map(j => j.outcome)).toEqual([null, 'refused', 'refused', 'refused', 'proven', 'proven', 'proven', 'proven', 'proven'])
    expect(outcomes.slice(4).map(j => j.grade)).toEqual(['B', 'A', 'A', 'A', 'A'])
  })
})

describe('silence until the deadline', () => {
  const silent = (evidence: readonly Evidence[], method: 'wired' | 'qr'): string => {
    const { outcome, grade, fault } = assessSilence(evidence, ASKED, method)
    return `${String(outcome)} ${grade ?? '-'} ${fault?.code ?? ''}`
  }
  it.each<readonly [string, readonly Evidence[], 'wired' | 'qr', string]>([
    ['a wired unit that said nothing is unproven', [], 'wired', 'unproven - unit.silent'],
    ['a wired unit that is still ready is unproven, though it looks like a released one', [ready(110), ready(200)], 'wired', 'unproven - unit.silent'],
    ['a brown-out alone is unproven', [gone(110), back(150), ready(151)], 'wired', 'unproven - unit.silent'],
    ['a unit that activates for ever is unproven, and says why', [trying(110), trying(190)], 'wired', 'unproven - unit.stuck-activating'],
    ['active 1, then 0, alone is unproven', [trying(110), ready(190)], 'wired', 'unproven - unit.silent'],
    ["an operator's word about the light is noted as grade C and still unproven", [light(150)], 'wired', 'unproven C unit.silent'],
    ["an operator's word from before the ask is not even noted", [light(90)], 'wired', 'unproven - unit.silent'],
    ['a camera that never joined never read the code', [], 'qr', 'unproven - unit.not-seen-reading'],
    ['a camera that joined before the code was shown never read it', [joined(90)], 'qr', 'unproven - unit.not-seen-reading'],
    ['a camera that joined and was not heard of again keeps trying', [joined(110)], 'qr', 'unproven - unit.stuck-activating']
  ])('%s', (_sentence, evidence, method, expected) => expect(silent(evidence, method)).toBe(expected))

  it('is never proven, whatever was seen', () => {
    for (const e of [ready(110), active(110), released(110), light(110)]) expect(assessSilence([e], ASKED, 'wired')).toMatchObject({ outcome: 'unproven', provenAt: null })
  })
})

describe('a job that a fault ended', () => {
  const job = (askedAt: Instant | null): Job => ({
    uid: jobId('j'), unit: unitId('u'), attempt: 1, method: 'wired', account: 'house', product: GATEWAY, wave: null, operator: null, stage: 'ready', stageAt: 1, openedAt: 1,
    resetDoneAt: null, askedAt, token: null, closedAt: null, outcome: null, grade: null, provenAt: null, fault: null
  })
  const outcome = (code: FaultCode, askedAt: Instant | null): string => verdictOf(job(askedAt), new Fault(code)).outcome

  it.each<readonly [string, FaultCode, string, string]>([
    ['taken away', 'unit.removed', 'withdrawn', 'unproven'],
    ['held', 'unit.held', 'withdrawn', 'unproven'],
    ['not reset', 'unit.not-reset', 'withdrawn', 'unproven'],
    ['the cloud refuses the product', 'cloud.no-permission', 'refused', 'unproven'],
    ['the cloud says something unknown', 'cloud.unknown-code', 'refused', 'unproven'],
    ['the quota of the product is spent', 'quota.product-spent', 'refused', 'unproven'],
    ['the quota of the account is spent', 'quota.account-spent', 'refused', 'unproven'],
    ['the cloud is away', 'cloud.unreachable', 'broken', 'unproven'],
    ['our key is wrong', 'cloud.key-invalid', 'broken', 'unproven'],
    ['the card is gone', 'net.card-gone', 'broken', 'unproven'],
    ['a defect of ours', 'program.unexpected', 'broken', 'unproven'],
    ['the unit refuses the token', 'unit.refused', 'withdrawn', 'refused']
  ])('%s: before the ask nothing was asked; after it nothing but proof is good', (_sentence, code, before, after) => {
    expect([outcome(code, null), outcome(code, ASKED)]).toEqual([before, after])
  })

  it('keeps the fault with its context, and has no grade', () => {
    expect(verdictOf(job(null), new Fault('cloud.refused', { tid: 't9' }))).toEqual({ outcome: 'refused', grade: null, fault: { code: 'cloud.refused', context: { tid: 't9' } }, provenAt: null })
  })
})
