import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { asFault, SocketDoor, WAITING_MAX, type Line } from '../../src/renderer/common/bridge.ts'
import { FakeDoor, KEY } from '../helpers/fake-door.ts'
import { BENCH } from '../helpers/fixtures.ts'

let station: FakeDoor
const doors: SocketDoor[] = []
const dial = (o: { key?: string | null; askMs?: number } = {}): SocketDoor => {
  const door = new SocketDoor({ url: `ws://127.0.0.1:${station.port}/door`, key: KEY, ...o })
  doors.push(door)
  return door
}
beforeEach(async () => { station = await FakeDoor.start() })
afterEach(async () => {
  for (const door of doors.splice(0)) door.close()
  await station[Symbol.asyncDispose]()
})
const lineOf = (door: SocketDoor, wanted: Line): Promise<void> => vi.waitFor(() => expect(door.line).toBe(wanted), { timeout: 5000 })

describe('the web socket door', () => {
  test('questions put before the line is there are answered', async () => {
    const door = dial()
    expect(door.line).toBe('connecting')
    await expect(Promise.all([door.ask('bench.view', {}), door.ask('scan', { text: 'W-1' })])).resolves.toMatchObject([{ station: 'Bench 1' }, { heard: 'unit' }])
  })

  test('a refusal arrives as a fault, not as a message', async () => {
    await expect(dial().ask('scan', { text: 'CM:DANCE' })).rejects.toEqual({ code: 'scan.unknown-command', context: {} })
  })

  test('a question without an answer ends with a fault that has words', async () => {
    station.isSilent = true
    await expect(dial({ askMs: 60 }).ask('bench.view', {})).rejects.toMatchObject({ code: 'door.no-station' })
  })

  test('after a break it dials again, follows again, and never sends a command twice', async () => {
    const door = dial()
    const lines: Line[] = []
    const heard: number[] = []
    door.onLine(line => lines.push(line))
    door.on('bench.changed', change => heard.push(change.version))
    await lineOf(door, 'open')
    station.isSilent = true
    const lost = door.ask('scan', { text: 'W-1' })
    lost.catch(() => undefined)
    await new Promise(resolve => { setTimeout(resolve, 50) }) // the command is on its way
    station.breakLines()
    await expect(lost).rejects.toMatchObject({ code: 'door.no-station' })
    station.isSilent = false
    await vi.waitFor(() => expect(lines).toEqual(['open', 'lost', 'open']), { timeout: 5000 })
    await door.ask('bench.view', {})
    station.showBench(BENCH.busy)
    await vi.waitFor(() => expect(heard).toEqual([2]))
    expect(station.asked.map(a => a.name)).toEqual(['bench.view'])
  })

  test('frames that make no sense are dropped', async () => {
    const door = dial()
    door.on('bench.changed', () => undefined)
    await lineOf(door, 'open')
    for (const frame of [null, 7, [], {}, { id: 1 }, { id: 99, answer: { ok: true } }, { id: 'x', answer: null }, { event: '__proto__', payload: 1 }]) station.tell('nobody', frame)
    await expect(door.ask('bench.view', {})).resolves.toMatchObject({ station: 'Bench 1' })
  })

  test('without a key it asks nobody; with a wrong one it never gets a line', async () => {
    await expect(dial({ key: null }).ask('bench.view', {})).rejects.toMatchObject({ code: 'door.no-station' })
    const wrong = dial({ key: 'ffff', askMs: 200 })
    await expect(wrong.ask('bench.view', {})).rejects.toMatchObject({ code: 'door.no-station' })
    expect(wrong.line).not.toBe('open')
  })

  test('what may wait is bounded', async () => {
    station.isSilent = true
    const door = dial({ askMs: 300 })
    const asked = Array.from({ length: WAITING_MAX + 1 }, () => door.ask('bench.view', {}).catch((fault: unknown) => fault))
    await expect(Promise.race(asked)).resolves.toMatchObject({ code: 'door.no-station' })
    await Promise.all(asked)
  })
})

describe('whatever is thrown', () => {
  test('has words: a fault stays, all else becomes unexpected', () => {
    expect(asFault({ code: 'unit.silent', context: {} })).toEqual({ code: 'unit.silent', context: {} })
    expect(asFault({ code: 'toString', context: {} })).toMatchObject({ code: 'program.unexpected' })
    expect(asFault(new Error('x'.repeat(500)))).toEqual({ code: 'program.unexpected', context: { text: 'x'.repeat(200) } })
    expect(asFault(null)).toMatchObject({ code: 'program.unexpected' })
  })
})
