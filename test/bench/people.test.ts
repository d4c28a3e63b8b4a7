/** The book of people and the badges at the bench, on the real SQLite in a virtual hour. */
import { describe, expect, it } from 'vitest'
import { minutes, type FaultCode } from '#shared'
import { BadgeDesk } from '../../src/main/bench/badge-desk.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { People, trainingPeople } from '../../src/main/bench/people.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'

function open() {
  const clock = new VirtualClock()
  const ports = { clock, entropy: new SeededEntropy(7) }
  const db = new LiveSql().open(':memory:')
  const ledger = new Ledger(db, ports, new Log(() => undefined, () => 0))
  const people = new People(ports, ledger)
  const badges = new BadgeDesk(clock, ledger, new Log(() => undefined, () => 0), people)
  const wait = (ms: number): Promise<void> => clock.run(clock.sleep(ms as ReturnType<typeof minutes>, new AbortController().signal))
  /** The program is started again on the same file. */
  const again = (): People => new People(ports, new Ledger(db, ports, new Log(() => undefined, () => 0)))
  return { clock, ledger, people, badges, wait, again }
}
const code = (asked: Promise<unknown>): Promise<FaultCode | 'ok'> => asked.then(() => 'ok' as const, (thrown: unknown) => Fault.from(thrown).code)
const LEAD = { badge: 'L1', name: 'Li Na', role: 'lead', pin: '4711' } as const
const ADMIN = { badge: 'A1', name: 'Wang Wei', role: 'admin', pin: '271828' } as const

describe('the book of people', () => {
  it('knows who was added, changed and removed, also after a restart, and every change stands in history without the PIN', async () => {
    const { people, ledger, again } = open()
    await people.add(ADMIN)
    await people.add({ ...LEAD, language: 'zh' })
    await people.add({ badge: 'O1' })
    await people.change({ badge: 'L1', name: 'Li Na (days)' })
    people.remove('O1')
    expect(again().views()).toEqual([
      { badge: 'A1', name: 'Wang Wei', role: 'admin', language: null, hasPin: true, lockedUntil: null, competence: [], isGiven: false },
      { badge: 'L1', name: 'Li Na (days)', role: 'lead', language: 'zh', hasPin: true, lockedUntil: null, competence: [], isGiven: false }
    ])
    const facts = ledger.factsAfter(0, 100)
    expect(facts.map(f => f.body.kind)).toEqual(['person.added', 'person.added', 'person.added', 'person.changed', 'person.removed'])
    expect(JSON.stringify(facts)).not.toMatch(/4711|271828|scrypt/)
  })

  it('has no lead without a PIN, no badge twice, and always an admin once there was one', async () => {
    const { people } = open()
    expect(people.hasAdmin).toBe(false)
    expect(await code(people.add({ badge: 'L1', role: 'lead' }))).toBe('person.pin-missing')
    await people.add(ADMIN)
    expect(people.hasAdmin).toBe(true)
    expect(await code(people.add({ badge: 'A1' }))).toBe('person.exists')
    expect(await code(people.change({ badge: 'A1', role: 'lead' }))).toBe('person.last-admin')
    expect(() => { people.remove('A1') }).toThrow('person.last-admin')
    expect(await code(people.change({ badge: 'ghost', name: 'x' }))).toBe('person.unknown')
    expect(await code(people.add({ badge: 'O1', role: 'operator' }))).toBe('ok')
    expect(await code(people.change({ badge: 'O1', role: 'lead' }))).toBe('person.pin-missing')
    expect(await code(people.add({ badge: '\u202Eevil' }))).toBe('door.invalid')
  })

  it('writes names without what steers a terminal', async () => {
    const { people } = open()
    await people.add({ badge: 'O1', name: '\u001b[31mred\u202E' })
    expect(people.views()[0]?.name).toBe('[31mred')
  })

  it('keeps what a badge has shown in training, whether the badge is on record or not', async () => {
    const { people, again } = open()
    people.train('O9', 'shift-1', 87)
    people.train('O9', 'shift-1', 93)
    await people.add({ badge: 'O9' })
    expect(again().views()[0]?.competence).toMatchObject([{ course: 'shift-1', score: 93 }])
    expect([people.scoreOf('O9', 'shift-1'), people.scoreOf('O9', 'shift-2')]).toEqual([93, null])
  })

  it('of training has a lead and an admin who cannot be changed, with the PINs the screen shows', async () => {
    const { clock, ledger } = open()
    const people = new People({ clock, entropy: new SeededEntropy(1) }, ledger, trainingPeople())
    await people.check('LEAD', '2580')
    await people.check('ADMIN', '1470')
    expect(await code(people.check('LEAD', '1470'))).toBe('person.pin-wrong')
    expect(await code(people.change({ badge: 'LEAD', pin: '0000' }))).toBe('person.unknown')
    expect(people.views().map(p => [p.badge, p.role, p.isGiven])).toEqual([['ADMIN', 'admin', true], ['LEAD', 'lead', true]])
  })
})

describe('a PIN', () => {
  it('typed wrong five times locks the badge for 5 minutes, then for 10, and a right one makes an end of it', async () => {
    const { people, wait, ledger } = open()
    await people.add(LEAD)
    const wrong = async (): Promise<string[]> => {
      const said: string[] = []
      for (let i = 0; i < 5; i++) said.push(await code(people.check('L1', '0000')))
      return said
    }
    expect(await wrong()).toEqual([...Array(4).fill('person.pin-wrong') as string[], 'person.locked'])
    expect(await code(people.check('L1', '4711'))).toBe('person.locked') // the right one as well
    expect(people.views()[0]?.lockedUntil).not.toBeNull()
    await wait(minutes(5))
    expect(await wrong()).toEqual([...Array(4).fill('person.pin-wrong') as string[], 'person.locked'])
    await wait(minutes(9))
    expect(await code(people.check('L1', '4711'))).toBe('person.locked')
    await wait(minutes(1))
    expect(await code(people.check('L1', '4711'))).toBe('ok')
    expect(await code(people.check('L1', '0000'))).toBe('person.pin-wrong')
    expect(ledger.factsAfter(0, 100).filter(f => f.body.kind === 'person.locked')).toHaveLength(2)
  })

  it('cannot be tried more often by asking at once, nor by a restart', async () => {
    const { people, again } = open()
    await people.add(LEAD)
    const said = await Promise.all(Array.from({ length: 12 }, (_, i) => code(people.check('L1', String(1000 + i)))))
    expect(said.filter(s => s === 'person.pin-wrong')).toHaveLength(4)
    expect(said.filter(s => s === 'person.locked')).toHaveLength(8)
    expect(await code(again().check('L1', '4711'))).toBe('person.locked')
  })

  it('set anew by an admin ends the lock', async () => {
    const { people } = open()
    await people.add(LEAD)
    for (let i = 0; i < 5; i++) await code(people.check('L1', '0000'))
    await people.change({ badge: 'L1', pin: '8642' })
    expect([await code(people.check('L1', '4711')), await code(people.check('L1', '8642'))]).toEqual(['person.pin-wrong', 'ok'])
  })
})

describe('a badge at the bench', () => {
  it('signs in whoever shows it, on record or not', async () => {
    const { badges, people } = open()
    await people.add({ badge: 'O1', name: 'Chen Li', language: 'zh' })
    badges.scan('O1')
    expect(badges.view().operator).toEqual({ badge: 'O1', name: 'Chen Li', role: 'operator', language: 'zh' })
    badges.scan('visitor')
    expect(badges.view()).toEqual({ operator: { badge: 'visitor', name: 'visitor', role: 'operator', language: null }, raised: null, hasAdmin: false })
  })

  it('of a lead does not send the operator away: it waits for its PIN, holds 5 minutes, and ends with the next badge', async () => {
    const { badges, people, wait, ledger } = open()
    await people.add(LEAD)
    badges.scan('O1')
    badges.scan('L1')
    expect(badges.view()).toMatchObject({ operator: { badge: 'O1' }, raised: { badge: 'L1', name: 'Li Na', until: null } })
    expect(badges.raised()).toBeNull()
    await badges.enter('L1', '4711')
    expect(badges.raised()).toEqual({ badge: 'L1', role: 'lead' })
    expect(ledger.operator).toBe('O1')
    await wait(minutes(4.9))
    expect(badges.raised()).not.toBeNull()
    await wait(minutes(0.1))
    expect([badges.raised(), badges.view().raised?.until]).toEqual([null, null])
    await badges.enter('L1', '4711')
    badges.scan('O2')
    expect([badges.raised(), badges.view().raised, ledger.operator]).toEqual([null, null, 'O2'])
  })

  it('of a lead at an empty bench signs the lead in, and raises nobody without the PIN', async () => {
    const { badges, people, ledger } = open()
    await people.add(LEAD)
    badges.scan('L1')
    expect([ledger.operator, badges.raised()]).toEqual(['L1', null])
    badges.leave()
    await badges.enter('L1', '4711')
    expect([ledger.operator, badges.raised()?.badge]).toEqual(['L1', 'L1'])
    badges.leave()
    expect([ledger.operator, badges.raised(), badges.view().raised]).toEqual([null, null, null])
  })

  it('that is taken off the record, or another badge shown meanwhile, raises nobody', async () => {
    const { badges, people } = open()
    await people.add(ADMIN)
    await people.add(LEAD)
    await badges.enter('L1', '4711')
    await people.change({ badge: 'L1', role: 'operator' })
    expect(badges.raised()).toBeNull()
    const typed = code(badges.enter('A1', '271828'))
    badges.scan('O1')
    expect([await typed, badges.raised()]).toEqual(['person.needs-lead', null])
    expect(await code(badges.enter('O1', '1234'))).toBe('person.needs-lead')
    expect(await code(badges.enter('A1', '1234'))).toBe('person.pin-wrong')
  })
})
