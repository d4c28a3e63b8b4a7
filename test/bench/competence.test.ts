/** Competence beside the ledgers: across new training ledgers, into the live one, and never by hand. */
import { describe, expect, it } from 'vitest'
import { Competence, COMPETENCE_FILE } from '../../src/main/bench/competence.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { People } from '../../src/main/bench/people.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { StationKey } from '../../src/main/wire/signing.ts'

const KEY = new StationKey(new Uint8Array(32).fill(7))
const SHOWN = { badge: '7', course: 'no-power', score: 95, at: Date.UTC(2026, 0, 5, 8) }

/** A station that starts on this disk with a ledger of its own. */
function start(disk: VirtualDisk, world: 'training' | 'live') {
  const ports = { clock: new VirtualClock({ startAt: Date.UTC(2026, 0, 6) }), entropy: new SeededEntropy(7) }
  const lines: LogLine[] = []
  const log = new Log(line => { lines.push(line) }, () => 0)
  const ledger = new Ledger(new LiveSql().open(':memory:'), ports, log)
  const competence = new Competence(disk, ledger, log, world === 'training' ? { publicHex: KEY.publicHex, sign: bytes => KEY.sign(bytes) } : null)
  competence.takeIn()
  return { ledger, competence, people: new People(ports, ledger), lines }
}
const change = (disk: VirtualDisk, from: string, to: string): void => {
  disk.writeAtomic(COMPETENCE_FILE, new TextEncoder().encode(new TextDecoder().decode(disk.read(COMPETENCE_FILE) ?? new Uint8Array()).replace(from, to)))
}

describe('competence', () => {
  it('outlives the ledger of its training, and the live station takes it into its own history once, with the day it was shown', () => {
    const disk = new VirtualDisk()
    start(disk, 'training').competence.pass(SHOWN)
    for (const world of ['training', 'live'] as const) {
      const { competence, ledger, people } = start(disk, world)
      expect(competence.of('7'), world).toEqual([{ course: 'no-power', score: 95, at: SHOWN.at }])
      expect(people.views(), world).toMatchObject([{ badge: '7', role: 'operator', isOnRecord: false, competence: [{ course: 'no-power', score: 95 }] }])
      expect(ledger.factsAfter(0, 9).map(f => f.body), world).toEqual([{ kind: 'person.trained', badge: '7', course: 'no-power', score: 95, shownAt: SHOWN.at, key: KEY.publicHex }])
      competence.takeIn()
      expect(ledger.factsAfter(0, 9), world).toHaveLength(1)
    }
  })

  it('of a person on record stands beside the name', async () => {
    const disk = new VirtualDisk()
    start(disk, 'training').competence.pass(SHOWN)
    const { people } = start(disk, 'live')
    await people.add({ badge: '7', name: 'Chen Li' })
    expect(people.views().map(({ name, competence, isOnRecord }) => [name, competence.length, isOnRecord])).toEqual([['Chen Li', 1, undefined]])
  })

  it('keeps the newest result of a badge in an exercise, one line each', () => {
    const disk = new VirtualDisk()
    const { competence } = start(disk, 'training')
    competence.pass(SHOWN)
    competence.pass({ ...SHOWN, score: 80, at: SHOWN.at + 1 })
    competence.pass({ ...SHOWN, course: 'cloud-down' })
    competence.pass({ ...SHOWN, badge: '8' })
    const lines = new TextDecoder().decode(disk.read(COMPETENCE_FILE) ?? new Uint8Array()).trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(start(disk, 'live').competence.of('7')).toMatchObject([{ course: 'no-power', score: 80 }, { course: 'cloud-down', score: 95 }])
  })

  it.each([['its points', '"score":95', '"score":99'], ['its badge', '"badge":"7"', '"badge":"9"'], ['its key', KEY.publicHex, 'ab'.repeat(32)], ['its signature', '"signature":"', '"signature":"AAAA']])('changed by hand in %s is not taken, and the log says so', (_, from, to) => {
    const disk = new VirtualDisk()
    start(disk, 'training').competence.pass(SHOWN)
    change(disk, from, to)
    const { people, lines } = start(disk, 'live')
    expect(people.views()).toEqual([])
    expect(lines.map(l => [l.level, l.fields['lines']])).toEqual([['warn', 1]])
  })

  it('that makes no sense is left alone, line by line', () => {
    const disk = new VirtualDisk()
    start(disk, 'training').competence.pass(SHOWN)
    const good = new TextDecoder().decode(disk.read(COMPETENCE_FILE) ?? new Uint8Array())
    disk.writeAtomic(COMPETENCE_FILE, new TextEncoder().encode(`not json\n{}\n[1]\nnull\n${'x'.repeat(5000)}\n${good}{"badge":"7"`))
    expect(start(disk, 'live').competence.of('7')).toHaveLength(1)
  })

  it('is never given by a live station', () => {
    expect(() => { start(new VirtualDisk(), 'live').competence.pass(SHOWN) }).toThrow('program.unexpected')
  })
})
