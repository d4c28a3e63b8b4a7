/** The folds: what each fact does to the record of a unit, a job and a wave, and what it leaves alone. */
import { describe, expect, it } from 'vitest'
import type { Instant } from '#shared'
import { foldJob, foldUnit, foldWave, type Fact, type FactBody } from '../../src/main/domain/fact.ts'
import type { Job } from '../../src/main/domain/job.ts'
import { EVIDENCE_MAX } from '../../src/main/domain/outcome.ts'
import type { Unit } from '../../src/main/domain/unit.ts'
import type { Wave } from '../../src/main/domain/wave.ts'
import { CAMERA, GATEWAY, faultOf, jobId, mac, tokenId, unitId, waveId } from '../helpers/ledger.ts'

const [U, J, W, T] = [unitId('u1'), jobId('j1'), waveId('w1'), tokenId('t1')]
let seq = 0
const fact = (at: Instant, body: FactBody, operator: string | null = null): Fact => ({ seq: seq += 1, at, unit: U, job: J, wave: W, operator, body })
const tell = <T>(fold: (before: T | null, fact: Fact) => T | null, bodies: readonly FactBody[], from: T | null = null): T | null =>
  bodies.reduce<T | null>((record, body, i) => fold(record, fact(i + 1, body)), from)
const tellUnit = (...bodies: FactBody[]): Unit | null => tell(foldUnit, bodies)
const tellJob = (...bodies: FactBody[]): Job | null => tell(foldJob, bodies)
const tellWave = (...bodies: FactBody[]): Wave | null => tell(foldWave, bodies)

const MET: FactBody = { kind: 'unit.met', method: 'wired', by: 'lease' }
const OPENED: FactBody = { kind: 'job.opened', attempt: 1, method: 'wired', account: 'house', product: GATEWAY, wave: null }
const PLANNED: FactBody = { kind: 'wave.planned', rack: 'R1', product: CAMERA, account: 'house', ssid: 'BENCH', units: [U] }

describe('a unit', () => {
  it('begins with its first sighting; before that a fact about it makes no record', () => {
    expect(tellUnit({ kind: 'unit.scanned' }, { kind: 'unit.left' })).toBeNull()
    expect(tellUnit(MET)).toMatchObject({ uid: U, isHere: true, stay: 1, attemptsThisStay: 0, metAt: 1, product: null, aliases: [] })
  })

  it('met by a scan is not here yet, unless it is a camera: those are shown a code, not plugged in', () => {
    expect(tellUnit({ kind: 'unit.met', method: 'wired', by: 'scan' }, { kind: 'unit.scanned' })).toMatchObject({ isHere: false, scannedAt: 2 })
    expect(tellUnit({ kind: 'unit.met', method: 'wired', by: 'scan' }, { kind: 'unit.known', product: CAMERA, method: 'qr' }, { kind: 'unit.scanned' })).toMatchObject({ isHere: true, method: 'qr' })
  })

  it('keeps each name once, the newest last', () => {
    const named = (n: number): FactBody => ({ kind: 'unit.named', alias: mac(n) })
    expect(tellUnit(MET, named(1), named(2), named(1))?.aliases).toEqual([mac(2), mac(1)])
  })

  it('keeps its record when it leaves, but not where it was; a new stay counts its attempts anew', () => {
    const left = tellUnit(MET, { kind: 'unit.placed', lane: 3 }, { kind: 'unit.leased', ip: '10.77.0.20', hostName: 'h', fingerprint: 'f' }, { kind: 'unit.judged', readiness: 'ready' }, OPENED, { kind: 'unit.left' })
    expect(left).toMatchObject({ isHere: false, lane: null, ip: null, readiness: null, hostName: 'h', job: J, attemptsThisStay: 1 })
    expect(foldUnit(left, fact(50, { kind: 'unit.arrived', stay: 2 }))).toMatchObject({ isHere: true, stay: 2, stayAt: 50, attemptsThisStay: 0, job: J })
    expect(foldUnit(left, fact(50, { kind: 'unit.arrived', stay: 1 }))).toMatchObject({ isHere: true, stay: 1, attemptsThisStay: 1 })
  })

  it('keeps the newest lines of evidence, not more than it may', () => {
    const lines = Array.from({ length: EVIDENCE_MAX + 5 }, (_, at): FactBody => ({ kind: 'unit.seen', evidence: { kind: 'back', at, of: 'lease' } }))
    const evidence = tellUnit(MET, ...lines)?.evidence ?? []
    expect([evidence.length, evidence[0]?.at, evidence.at(-1)?.at]).toEqual([EVIDENCE_MAX, 5, EVIDENCE_MAX + 4])
  })

  it('is held, freed, stored and merged', () => {
    const hold = { owner: '1001', reason: 'scratched', at: 9 }
    const held = tellUnit(MET, { kind: 'unit.held', hold }, { kind: 'unit.stored', tote: 'T7' }, { kind: 'unit.named', alias: mac(1) })
    expect(held).toMatchObject({ hold, tote: 'T7' })
    expect(foldUnit(held, fact(10, { kind: 'unit.freed', by: '1001', reason: 'fine' }))).toMatchObject({ hold: null })
    expect(foldUnit(held, fact(10, { kind: 'unit.merged', into: unitId('u2') }))).toMatchObject({ isHere: false, aliases: [] })
  })

  it('is the same after a fact that is about something else', () => {
    const met = tellUnit(MET)
    const others: FactBody[] = [{ kind: 'station.stopped' }, { kind: 'job.moved', to: 'ready' }, { kind: 'seat.spent', account: 'house', product: GATEWAY }, { kind: 'wave.closed' }, { kind: 'unit.conflict', as: 'unit.conflict', other: unitId('u2'), alias: mac(1) }]
    for (const body of others) expect(foldUnit(met, fact(9, body)), body.kind).toBe(met)
  })
})

describe('a job', () => {
  it('is opened for the operator of record, in stage queued', () => {
    expect(foldJob(null, fact(7, OPENED, '1001'))).toMatchObject({ uid: J, unit: U, operator: '1001', stage: 'queued', stageAt: 7, openedAt: 7, outcome: null, askedAt: null })
    expect(tellJob({ kind: 'job.moved', to: 'ready' })).toBeNull()
  })

  it('tells three truths at three times: reset done, unbind asked, unbind proven', () => {
    const job = tellJob(OPENED, { kind: 'job.moved', to: 'resetting' }, { kind: 'reset.done', how: 'seen' }, { kind: 'unbind.asked', token: T }, { kind: 'job.moved', to: 'proving' },
      { kind: 'job.closed', outcome: 'proven', grade: 'B', fault: null, provenAt: 99 })
    expect(job).toMatchObject({ resetDoneAt: 3, askedAt: 4, token: T, stage: 'closed', closedAt: 6, outcome: 'proven', grade: 'B', provenAt: 99 })
  })

  it('refuses a fact that would move it to the left', () => {
    const asked = tellJob(OPENED, { kind: 'unbind.asked', token: T })
    for (const body of [{ kind: 'job.moved', to: 'ready' }, { kind: 'unbind.asked', token: T }] as const) expect(faultOf(() => foldJob(asked, fact(9, body)))?.code).toBe('program.unexpected')
    const closed = foldJob(asked, fact(9, { kind: 'job.closed', outcome: 'unproven', grade: null, fault: null, provenAt: null }))
    expect(faultOf(() => foldJob(closed, fact(10, { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: 10 })))?.code).toBe('program.unexpected')
  })

  it('is raised by late proof and stays closed when it was closed', () => {
    const closed = tellJob(OPENED, { kind: 'unbind.asked', token: T }, { kind: 'job.closed', outcome: 'unproven', grade: 'C', fault: { code: 'unit.silent', context: {} }, provenAt: null })
    expect(foldJob(closed, fact(500, { kind: 'job.raised', grade: 'B', provenAt: 480 }))).toMatchObject({ stage: 'closed', closedAt: 3, outcome: 'proven', grade: 'B', provenAt: 480, fault: null })
  })
})

describe('a wave', () => {
  it('is planned, shown with each of its codes, stopped for a reason and closed', () => {
    expect(tellWave({ kind: 'wave.closed' })).toBeNull()
    const shown = tellWave(PLANNED, { kind: 'wave.shown', token: T, expiresAt: 300 }, { kind: 'wave.shown', token: tokenId('t2'), expiresAt: 600 })
    expect(shown).toMatchObject({ state: 'showing', openedAt: 1, shownAt: 2, expiresAt: 600, tokens: [T, 't2'], units: [U] })
    const stopped = foldWave(shown, fact(700, { kind: 'wave.stopped', reason: 'expired' }))
    expect(stopped).toMatchObject({ state: 'settling', stopReason: 'expired' })
    expect(foldWave(stopped, fact(800, { kind: 'wave.closed' }))).toMatchObject({ state: 'closed', stopReason: 'expired' })
  })
})
