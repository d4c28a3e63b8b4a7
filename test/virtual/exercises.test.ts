/** The exercises of training on the real station in virtual time: what is right is scored as right, and each way of going wrong costs. */
import { describe, expect, it } from 'vitest'
import { EXERCISES, FAULTS, isCompetent, minutes, PASS_POINTS, seconds, type DoorAnswer, type ExerciseName, type FaultCode } from '#shared'
import { SCRIPTS } from '../../src/main/virtual/exercises.ts'
import { OPERATOR_BADGE } from '../../src/main/virtual/operator.ts'
import { openSchool, type OpenSchool } from '../helpers/school.ts'

/** The right thing, done at once. */
const RIGHT: Readonly<Record<ExerciseName, (s: OpenSchool) => Promise<readonly (() => Promise<unknown>)[]>>> = {
  'no-power': async s => [s.hand('power', 1)],
  'silent-unit': async s => [s.hand('scan', 1), async () => { await s.wanted() }, s.hand('unplug', 1)],
  'expired-code': async s => [s.hand('reset', 1), async () => { await s.bench.sleep(seconds(25)) }, s.hand('scan', 1), s.scan('CM:WAVE')],
  'foreign-dhcp': async s => [s.hand('unplug', 3)],
  'quota-hit': async s => [s.scan('TT:TOMORROW'), s.hand('unplug', 1)],
  'cloud-down': async s => [s.hand('line')],
  'printer-jam': async s => [s.hand('printer')]
}

/** Every fault the screens show now, and what *Why?* says of lane 1. */
async function shownFaults(s: OpenSchool): Promise<readonly (FaultCode | undefined)[]> {
  const { lamps, units } = await s.bench.ask('bench.view', {})
  const why = await s.bench.run(s.bench.ask('unit.why', { lane: 1 }))
  return [...lamps.map(l => l.fault?.code), ...units.map(u => u.fault?.code), ...why.checks.map(c => c.fault?.code)]
}

describe('an exercise', () => {
  it.each(EXERCISES)('%s: its fault shows on the real station, its own action mends it, and that is worth a hundred points', async name => {
    await using s = await openSchool()
    await s.until(name)
    expect(await shownFaults(s)).toContain(SCRIPTS[name].fault)
    const score = await s.act(await RIGHT[name](s))
    expect(score).toMatchObject({ name, badge: '7', isOver: true, isPassed: true, missed: [], advice: 'none' })
    expect(score.points).toBe(100)
    expect(score.did.filter(d => d.verdict === 'right').map(d => d.act).toSorted()).toEqual(SCRIPTS[name].expects.map(e => e.act).toSorted())
    expect(FAULTS[SCRIPTS[name].fault].blame).not.toBe('program')
  })

  it('costs points for wrong actions, for tries that were not needed and for time, and says the one thing to do better', async () => {
    await using s = await openSchool()
    await s.until('no-power')
    const score = await s.act([s.hand('scan', 1), s.hand('reset', 1), s.hand('power', 1)])
    expect(score).toMatchObject({ points: 70, isPassed: true, advice: 'wrong', did: [{ act: 'scan', verdict: 'retry' }, { act: 'reset', verdict: 'wrong' }, { act: 'power', verdict: 'right' }] })
    await s.until('no-power')
    await s.bench.sleep(seconds(85)) // nearly three times the par time
    const slow = await s.act([s.hand('power', 1)])
    expect(slow).toMatchObject({ isPassed: false, advice: 'slow' })
    expect(slow.points).toBeLessThan(PASS_POINTS)
    expect(slow.points).toBeGreaterThan(40)
  })

  it('ends by itself when nobody acts, unscored acts before it is anybody`s turn, and is not passed', async () => {
    await using s = await openSchool()
    await s.bench.ask('scan', { text: 'OP:7' })
    await s.bench.ask('training.exercise', { exercise: 'foreign-dhcp' })
    expect(await codeOf(s.ask('training.hand', { hand: 'unplug', box: 1 }))).toBe('training.not-now')
    await s.wanted()
    await s.hand('unplug', 1)() // the wrong box: it was a good one
    const score = await s.score()
    expect(score).toMatchObject({ isOver: false, isPassed: false, missed: ['unplug'], advice: 'missed', did: [{ act: 'unplug', box: 1, verdict: 'wrong' }] })
    expect(score.seconds).toBeGreaterThanOrEqual(SCRIPTS['foreign-dhcp'].secondsMax)
    expect((await s.bench.ask('person.list', {})).flatMap(p => p.competence)).toEqual([])
  })

  it('is begun by its card, by a badge that is not the virtual operator`s, one at a time, and can be given up without a score', async () => {
    await using s = await openSchool()
    expect(await codeOf(s.ask('scan', { text: 'EX:CLOUD-DOWN' }))).toBe('training.no-badge')
    await s.bench.ask('scan', { text: 'OP:7' })
    expect(await codeOf(s.ask('scan', { text: 'EX:NOTHING' }))).toBe('scan.unknown-command')
    await s.bench.ask('scan', { text: 'EX:CLOUD-DOWN' })
    expect((await s.view()).running).toMatchObject({ name: 'cloud-down', badge: '7' })
    expect(await codeOf(s.ask('training.exercise', { exercise: 'no-power' }))).toBe('training.running')
    expect(await codeOf(s.ask('training.demo', { isOn: true }))).toBe('training.running')
    await s.wanted()
    await s.bench.run(s.bench.ask('training.stop', {}))
    await s.bench.sleep(seconds(5))
    expect(await s.view()).toMatchObject({ running: null, last: null })
    expect((await s.bench.ask('bench.view', {})).lamps.find(l => l.name === 'cloud')?.state).not.toBe('off')
    await s.until('no-power') // the bench is as it was
    expect((await s.act([s.hand('power', 1)])).isPassed).toBe(true)
  })

  it('waits until the virtual operator has finished what is on the bench, and he goes on afterwards', async () => {
    await using s = await openSchool({ units: 3, cameras: 2 })
    await s.bench.sleep(seconds(60))
    expect((await s.bench.ask('bench.view', {})).units.length).toBeGreaterThan(0)
    await s.until('no-power')
    const busy = (await s.bench.ask('bench.view', {})).units.filter(u => u.lane !== null)
    expect(busy.filter(u => u.name.startsWith('RB-000') && u.name !== 'RB-0004')).toEqual([])
    await s.act([s.hand('power', 1)])
    await s.bench.sleep(minutes(1)) // he comes back, and signs in
    for (let i = 0; i < 30 && s.bench.world.cloud.effects.length < 5; i += 1) await s.bench.sleep(minutes(1))
    expect([s.bench.world.cloud.effects.length, (await s.bench.ask('bench.view', {})).operator]).toEqual([5, OPERATOR_BADGE])
  })

  it('is passed by each badge for itself, and a badge that passed all of them has a certificate', async () => {
    await using s = await openSchool()
    for (const name of EXERCISES) {
      await s.until(name, '8')
      expect((await s.act(await RIGHT[name](s))).isPassed, name).toBe(true)
    }
    const { competence } = await s.view()
    expect([competence.map(c => c.course), isCompetent(competence)]).toEqual([[...EXERCISES], true])
    await s.bench.ask('scan', { text: 'OP:9' })
    expect((await s.view()).competence).toEqual([])
    const { name, base64 } = await s.bench.run(s.bench.ask('competence.paper', { badge: '8' }))
    expect([name, Buffer.from(base64, 'base64').subarray(0, 5).toString()]).toEqual(['competence-8.pdf', '%PDF-'])
  })
})

const codeOf = async (asked: Promise<DoorAnswer>): Promise<string> => (answer => answer.ok ? 'ok' : answer.fault.code)(await asked)
