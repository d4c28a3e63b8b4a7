/** The one-way street of a job: no stage moves left, and what a restart does with a job found in each stage. */
import { describe, expect, it } from 'vitest'
import { STAGES } from '#shared'
import { canMove, moveJob, proofMs, RESUME, STAGE_DEADLINE, type Job } from '../../src/main/domain/job.ts'
import { GATEWAY, faultOf, jobId, unitId } from '../helpers/ledger.ts'

const JOB: Job = {
  uid: jobId('j'), unit: unitId('u'), attempt: 1, method: 'wired', account: 'house', product: GATEWAY, wave: null, operator: null, stage: 'queued', stageAt: 10, openedAt: 10,
  resetDoneAt: null, askedAt: null, token: null, closedAt: null, outcome: null, grade: null, provenAt: null, fault: null
}

describe('the one-way table', () => {
  it('is monotonic: of every two stages exactly one move is allowed, and none stays where it is', () => {
    for (const from of STAGES) {
      for (const to of STAGES) {
        expect([canMove(from, to), canMove(to, from)].filter(Boolean), `${from} and ${to}`).toHaveLength(from === to ? 0 : 1)
        for (const third of STAGES) if (canMove(from, to) && canMove(to, third)) expect(canMove(from, third), `${from} > ${to} > ${third}`).toBe(true)
      }
    }
  })

  it('begins with queued and ends with closed: nothing leads in, nothing leads out', () => {
    expect(STAGES.filter(from => canMove(from, 'queued'))).toEqual([])
    expect(STAGES.filter(to => canMove('closed', to))).toEqual([])
    expect(STAGES.filter(to => canMove('queued', to))).toEqual(['resetting', 'ready', 'asked', 'proving', 'closed'])
  })

  it('a move keeps everything but the stage and its time; a move to the left is a defect of ours', () => {
    const asked = moveJob({ ...JOB, stage: 'ready' }, 'asked', 99)
    expect(asked).toEqual({ ...JOB, stage: 'asked', stageAt: 99 })
    for (const to of STAGES.filter(s => !canMove('asked', s))) expect(faultOf(() => moveJob(asked, to, 100))?.code, to).toBe('program.unexpected')
  })
})

describe('the resume rules', () => {
  it('start a stage again as long as nothing was asked, and only prove from the ask on', () => {
    expect(RESUME).toEqual({ queued: 'again', resetting: 'again', ready: 'again', asked: 'prove', proving: 'prove' })
  })

  it('know every stage but the last, and each has a deadline', () => {
    const open = STAGES.filter(s => s !== 'closed')
    expect(Object.keys(RESUME)).toEqual(open)
    expect(Object.keys(STAGE_DEADLINE)).toEqual(open)
    expect(Object.values(STAGE_DEADLINE).every(ms => ms >= 60_000)).toBe(true)
  })

  it('proof is waited for as long as hand-over, activation and two reboots take', () => {
    expect(proofMs(0)).toBe(100_000)
    expect(proofMs(60)).toBe(220_000)
  })
})
