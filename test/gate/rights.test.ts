/** Who may do what, at the gate of a running station: screens act as the badge at the bench, the command line as an admin. */
import { describe, expect, it } from 'vitest'
import { DOOR, TRAINING_PEOPLE, type DoorName, type DoorParams, type DoorResult, type FaultCode, type Role } from '#shared'
import { Log, Secret } from '../../src/main/bench/log.ts'
import { BadgeDesk } from '../../src/main/bench/badge-desk.ts'
import { People, trainingPeople } from '../../src/main/bench/people.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { BenchRights, READING } from '../../src/main/gate/rights.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const NAMES = Object.keys(DOOR) as DoorName[] // the keys of the table
const [LEAD, ADMIN] = TRAINING_PEOPLE
const screen = (bench: TestBench) => async <N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> => {
  const answer = await bench.station.gate.ask(name, params, { host: 'http' })
  if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
  return answer.value as DoorResult<N> // the answer of the row asked for
}
const code = (asked: Promise<unknown>): Promise<FaultCode | 'ok'> => asked.then(() => 'ok' as const, (thrown: unknown) => Fault.from(thrown).code)
const kinds = (bench: TestBench, kind: string) => bench.ledger.factsAfter(0, 1000).filter(f => f.body.kind === kind)

async function heldUnit(bench: TestBench): Promise<string> {
  const { unit } = await bench.ask('scan', { text: bench.world.units[0]?.profile.label ?? '' })
  await bench.ask('unit.hold', { unit: String(unit?.uid), reason: 'scratched' })
  return String(unit?.uid)
}

describe('every row of the door', () => {
  it('says who may, and is held to it: by an operator, by a lead, by an admin', async () => {
    await using bench = await openBench({})
    const log = new Log(() => undefined, () => 0)
    const people = new People(bench.world.ports, bench.ledger, trainingPeople())
    const badges = new BadgeDesk(bench.world.clock, bench.ledger, log, people)
    const rights = new BenchRights(bench.ledger, people, badges, () => 'operator')
    const refused = (role: Role): DoorName[] => NAMES.filter(name => {
      try {
        return rights.allow(name, {}, { host: 'http' }).role !== role && DOOR[name].needs !== 'operator'
      } catch (thrown) {
        expect(Fault.from(thrown).code).toBe(DOOR[name].needs === 'admin' ? 'person.needs-admin' : 'person.needs-lead')
        return true
      }
    })
    const needing = (...roles: Role[]): DoorName[] => NAMES.filter(n => roles.includes(DOOR[n].needs))
    badges.scan('1001')
    expect(refused('operator')).toEqual(needing('lead', 'admin'))
    await badges.enter(LEAD.badge, LEAD.pin)
    expect(refused('lead')).toEqual(needing('admin'))
    await badges.enter(ADMIN.badge, ADMIN.pin)
    expect(refused('admin')).toEqual([])
    badges.leave()
    expect(NAMES.map(name => rights.allow(name, {}, { host: 'local' }).role)).toEqual(NAMES.map(() => 'admin'))
  })

  it('that only looks needs nobody in particular, and what an operator does all day neither', () => {
    const free: DoorName[] = ['scan', 'unit.hold', 'unit.again', 'unit.light', 'unit.method', 'wave.start', 'wave.stop', 'operator.enter', 'operator.leave']
    expect(free.filter(name => DOOR[name].needs !== 'operator')).toEqual([])
    const admin: DoorName[] = ['account.add', 'account.remove', 'person.add', 'person.change', 'person.remove', 'ports.bind']
    expect(admin.filter(name => DOOR[name].needs !== 'admin')).toEqual([])
    const lead: DoorName[] = ['unit.release', 'recipe.allow', 'unmatched.link', 'unmatched.dismiss', 'sync.test', 'sync.replay', 'account.test', 'power.test']
    expect(lead.filter(name => DOOR[name].needs !== 'lead')).toEqual([])
    expect(READING.allow('status', {}, { host: 'local' })).toMatchObject({ host: 'local', role: 'operator', operator: null, lead: null })
  })
})

describe('a hold', () => {
  it('is released by two badges of two people, and both stand in history', async () => {
    await using bench = await openBench({ units: 1 })
    const ask = screen(bench)
    const unit = await heldUnit(bench)
    await ask('scan', { text: 'OP:1001' })
    expect(await code(ask('unit.release', { unit, reason: 'fine' }))).toBe('person.needs-lead')
    await ask('scan', { text: 'OP:LEAD' })
    expect(await code(ask('unit.release', { unit, reason: 'fine' }))).toBe('person.needs-lead') // the badge alone says nothing
    expect(await ask('operator.enter', { badge: LEAD.badge, pin: LEAD.pin })).toMatchObject({ operator: { badge: '1001' }, raised: { badge: 'LEAD', role: 'lead' } })
    expect((await ask('bench.view', {})).here.operator?.badge).toBe('1001')
    expect(await ask('unit.release', { unit, reason: 'fine' })).toMatchObject({ hold: null })
    expect(kinds(bench, 'unit.freed')).toMatchObject([{ operator: '1001', body: { by: '1001', lead: 'LEAD', reason: 'fine' } }])
    expect(kinds(bench, 'act.led')).toMatchObject([{ unit, operator: '1001', body: { act: 'unit.release', lead: 'LEAD', role: 'lead' } }])
  })

  it('is not released by one person with two roles, nor by a lead alone at the bench', async () => {
    await using bench = await openBench({ units: 1 })
    const ask = screen(bench)
    const unit = await heldUnit(bench)
    await ask('operator.enter', { badge: LEAD.badge, pin: LEAD.pin })
    expect(await code(ask('unit.release', { unit, reason: 'fine' }))).toBe('person.second-badge')
    expect(kinds(bench, 'unit.freed')).toEqual([])
  })

  it('is released by the command line as well, which says so', async () => {
    await using bench = await openBench({ units: 1 })
    const unit = await heldUnit(bench)
    await bench.ask('unit.release', { unit, reason: 'fine' })
    expect(kinds(bench, 'unit.freed')).toMatchObject([{ body: { by: 'nobody', lead: 'cli' } }])
  })
})

describe('people', () => {
  it('of a fresh station: nobody may act as a lead, whoever comes first enters an admin, and from then on only an admin does', async () => {
    await using bench = await openBench({ settings: { mode: 'live' } })
    const ask = screen(bench)
    expect((await ask('bench.view', {})).here.hasAdmin).toBe(false)
    expect(await code(ask('sync.test', { destination: 'central' }))).toBe('person.no-admin')
    expect(await code(ask('person.add', { badge: 'L1', role: 'lead', pin: '4711' }))).toBe('person.no-admin')
    expect(await ask('person.add', { badge: 'A1', name: 'Wang Wei', role: 'admin', pin: '271828' })).toMatchObject([{ badge: 'A1', hasPin: true }])
    expect(await code(ask('person.add', { badge: 'A2', role: 'admin', pin: '314159' }))).toBe('person.needs-admin')
    await ask('operator.enter', { badge: 'A1', pin: '271828' })
    await ask('person.add', { badge: 'L1', role: 'lead', pin: '4711' })
    await ask('person.change', { badge: 'L1', name: 'Li Na' })
    expect((await ask('person.list', {})).map(p => [p.badge, p.name, p.role])).toEqual([['A1', 'Wang Wei', 'admin'], ['L1', 'Li Na', 'lead']])
    await ask('person.remove', { badge: 'L1' })
    expect(kinds(bench, 'act.led').map(f => f.body)).toMatchObject([{ act: 'person.add', lead: 'A1' }, { act: 'person.add', lead: 'A1' }, { act: 'person.change', lead: 'A1' }, { act: 'person.remove', lead: 'A1' }])
  })

  it('are signed in under 2 s, PIN and all, and a PIN is in no answer, fact or line of the log', async () => {
    await using bench = await openBench({})
    const ask = screen(bench)
    const startMs = performance.now()
    await ask('scan', { text: 'OP:1001' })
    await ask('operator.enter', { badge: ADMIN.badge, pin: ADMIN.pin })
    expect(performance.now() - startMs).toBeLessThan(2000)
    const said = [await ask('person.list', {}), await ask('bench.view', {}), bench.ledger.factsAfter(0, 1000), bench.lines]
    expect(await code(ask('operator.enter', { badge: 'LEAD', pin: '86 42' }))).toBe('door.invalid')
    const refusal = await bench.station.gate.ask('operator.enter', { badge: 'LEAD', pin: 8642 }, { host: 'http' })
    expect(JSON.stringify([...said, refusal, bench.lines])).not.toMatch(/1470|86 ?42|scrypt/)
  })

  it('who ask for a badge alone are signed in by it, as by a scan', async () => {
    await using bench = await openBench({})
    expect(await screen(bench)('operator.enter', { badge: '1001' })).toMatchObject({ operator: { badge: '1001', role: 'operator' }, raised: null })
  })
})

describe('a wave', () => {
  it('in a network that no camera has joined, named by hand, needs a lead; the network in turn needs nobody', async () => {
    const access = virtualAccess()
    await using bench = await openBench({ cameras: 1, access: { ...access, wifi: [...access.wifi, { ssid: 'NEW', password: new Secret('untried-2026') }] } })
    const ask = screen(bench)
    await bench.ask('scan', { text: bench.world.cameras[0]?.profile.label ?? '' })
    expect(await code(ask('wave.start', { ssid: 'NEW' }))).toBe('person.needs-lead')
    expect(await code(ask('wave.start', {}))).toBe('ok')
  })
})
