/** A live terminal on the console of a lane: what is shown, what is kept with the unit, what is never written down, and when it ends. */
import { describe, expect, it } from 'vitest'
import { millis, minutes, TRAINING_PEOPLE, type DoorName, type DoorParams, type DoorResult, type TerminalHeard } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { ConsoleClaims } from '../../src/main/bench/console-claims.ts'
import type { BytePipe } from '../../src/main/ports.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { openBench, type TestBench } from '../helpers/station.ts'
import { scripted, type Script } from '../helpers/virtual-console.ts'

const PATH = '/dev/serial/by-id/usb-console-1'
const code = (asked: Promise<unknown>): Promise<string> => asked.then(() => 'ok', (thrown: unknown) => Fault.from(thrown).code)

/** A Linux at its login: echoes the name, not the password, and then is a shell that echoes. */
function loginOf(password: string, o: { readonly isEchoing?: boolean } = {}): Script {
  let state: 'name' | 'password' | 'shell' = 'name'
  let line = ''
  return async (unit, byte) => {
    if (byte !== '\r') {
      line += byte
      if (state !== 'password' || o.isEchoing === true) await unit.say(byte)
      return
    }
    const said = line
    line = ''
    if (state === 'name') {
      state = 'password'
      return unit.say('\r\nPassword: ')
    }
    if (state === 'password') {
      state = said === password ? 'shell' : 'name'
      return unit.say(state === 'shell' ? '\r\n~ # ' : '\r\nLogin incorrect\r\ncam login: ')
    }
    await unit.say(`\r\nran ${said}\r\n~ # `)
  }
}

interface Story { readonly bench: TestBench; readonly say: (text: string) => Promise<void>; readonly pull: () => Promise<void>; readonly screen: <N extends DoorName>(name: N, params: DoorParams<N>) => Promise<DoorResult<N>>; readonly told: TerminalHeard[]; readonly record: () => Promise<string[]> }

async function withConsole(script: Script, tell: (story: Story) => Promise<void>): Promise<void> {
  let serial: VirtualSerial | null = null
  await using bench = await openBench({ units: 1, ports: ports => { serial = ports.serial instanceof VirtualSerial ? ports.serial : null; return ports } })
  if (serial === null) throw new Error('no virtual serial')
  const made: VirtualSerial = serial
  const { unit, attach } = scripted(bench.world.clock, script)
  let end: BytePipe | null = null
  made.plug({ path: PATH, label: 'console' }, pipe => {
    end = pipe
    attach(pipe)
  })
  await bench.sleep(100)
  await bench.ask('ports.bind', { path: PATH, role: 'console', lane: 1 })
  await bench.ask('scan', { text: bench.world.units[0]?.profile.label ?? '' })
  await bench.ask('scan', { text: 'P01' })
  bench.world.units[0]?.plug()
  bench.world.units[0]?.powerOn()
  await bench.sleep(30_000)
  const told: TerminalHeard[] = []
  bench.station.gate.follow((_event, payload) => { if ('isOver' in payload) told.push(payload) }, ['terminal.heard'])
  const screen = async <N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> => {
    const answer = await bench.run(bench.station.gate.ask(name, params, { host: 'http' }))
    if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
    return answer.value as DoorResult<N> // the answer of the row asked for
  }
  const record = async (): Promise<string[]> => {
    const fact = bench.ledger.factsAfter(0, 5000).findLast(f => f.body.kind === 'terminal.closed')
    const { lines } = await bench.ask('console.transcript', { seq: fact?.seq ?? 1 })
    return lines.map(l => `${l.kind} ${l.text}`)
  }
  await screen('scan', { text: 'OP:1001' })
  await bench.station.gate.ask('operator.enter', { badge: TRAINING_PEOPLE[0].badge, pin: TRAINING_PEOPLE[0].pin }, { host: 'http' })
  await tell({ bench, say: text => bench.run(unit.say(text)), pull: async () => { await end?.[Symbol.asyncDispose]() }, screen, told, record })
}

describe('a live terminal', () => {
  it('shows what the console says as it came, and keeps both ways with the unit, with times and whose badge it was', () => withConsole(loginOf('x'), async ({ bench, say, screen, told, record }) => {
    const { session, unit: uid, baud } = await screen('terminal.open', { lane: 1 })
    expect([baud, uid]).toEqual([115_200, bench.ledger.unitsHere()[0]?.uid])
    await say('\r\n\u001b[1mcam\u001b[0m login: ')
    await bench.sleep(100)
    await screen('terminal.type', { session, text: 'ro' })
    await bench.sleep(400)
    await screen('terminal.type', { session, text: 'ot\r' })
    await bench.sleep(400)
    expect(told.map(t => t.text).join('')).toBe('\r\n\u001b[1mcam\u001b[0m login: root\r\nPassword: ')
    expect(told.map(t => t.from)).toEqual(told.map((_, i) => told.slice(0, i).reduce((sum, t) => sum + t.text.length, 0)))
    expect((await screen('terminal.view', { lane: 1 }))?.text).toContain('login: root')
    await screen('terminal.close', { session })
    expect(told.at(-1)?.isOver).toBe(true)
    expect(await record()).toEqual(['< \r\n\u001b[1mcam\u001b[0m login: ', '> root', expect.stringMatching(/^< r/), '< ot', '> \r', '< \r\nPassword: ', '# ended: lead'])
    const facts = bench.ledger.factsAfter(0, 5000).filter(f => f.body.kind.startsWith('terminal.') || (f.body.kind === 'act.led' && f.body.act.startsWith('terminal.')))
    expect(facts.map(f => [f.body.kind, f.operator])).toEqual([['terminal.opened', '1001'], ['act.led', '1001'], ['terminal.closed', '1001']])
    expect(facts[0]).toMatchObject({ unit: uid, body: { lead: 'LEAD', lane: 1 } })
    expect(await screen('terminal.view', { lane: 1 })).toBeNull()
  }))

  it.each([['not echoed', {}], ['echoed all the same', { isEchoing: true }]])('never writes down a password that is %s, nor how long it is', (_what, o) => withConsole(loginOf('hunter2-4711', o), async ({ bench, say, screen, record }) => {
    const { session } = await screen('terminal.open', { lane: 1 })
    await say('\r\ncam login: ')
    await bench.sleep(100)
    await screen('terminal.type', { session, text: 'root\r' })
    await bench.sleep(400)
    for (const key of 'hunter2-4711') await screen('terminal.type', { session, text: key })
    await screen('terminal.type', { session, text: '\r' })
    await bench.sleep(400)
    await screen('terminal.type', { session, text: 'firstboot -y\n' })
    await bench.sleep(400)
    expect(JSON.stringify(await screen('terminal.view', { lane: 1 }))).not.toContain('hunter2')
    await screen('terminal.close', { session })
    const lines = await record()
    expect(lines.filter(l => l.startsWith('>') || l.startsWith('*'))).toEqual(['> root', '> \r', '* typed', '> \r', '> firstboot -y', '> \r'])
    expect(lines.at(-2)).toContain('ran firstboot -y')
    expect(JSON.stringify([lines, bench.ledger.factsAfter(0, 5000), bench.lines])).not.toContain('hunter2')
  }))

  it('never writes down what a silent prompt in no known words swallows, but does write down what stops a boot loader and what edits', () => withConsole(async () => undefined, async ({ bench, say, screen, record }) => {
    const { session } = await screen('terminal.open', { lane: 1, baud: 38_400 })
    await say('Hit any key to stop autoboot:  2 ')
    await bench.sleep(100)
    await screen('terminal.type', { session, text: '   ' })
    await screen('terminal.type', { session, text: '\u001b[A' })
    await screen('terminal.type', { session, text: '\u0003' })
    await say('\r\nkouling? ')
    await bench.sleep(100)
    await screen('terminal.type', { session, text: 's3cret\r' })
    await screen('terminal.close', { session })
    expect((await record()).filter(l => !l.startsWith('<'))).toEqual(['>    \u001b[A\u0003', '* typed', '> \r', '# ended: lead'])
  }))

  it('sends Enter as CR alone, whatever was pasted', () => {
    const heard: string[] = []
    return withConsole(async (unit, byte) => { heard.push(byte); await unit.say(byte) }, async ({ bench, screen }) => {
      const { session } = await screen('terminal.open', { lane: 1 })
      await screen('terminal.type', { session, text: 'a\nb\r\nc\r' })
      await bench.sleep(500)
      expect(heard.join('')).toBe('a\rb\rc\r')
    })
  })

  it('keeps no more for a screen that does not look than it may, and the numbers tell what is missing', () => withConsole(async () => undefined, async ({ bench, say, screen, told }) => {
    await screen('terminal.open', { lane: 1 })
    for (let i = 0; i < 40; i += 1) await say('x'.repeat(8192))
    await bench.sleep(1000)
    const view = await screen('terminal.view', { lane: 1 })
    expect(view?.text.length).toBe(64 * 1024)
    expect(view?.from).toBe(40 * 8192 - 64 * 1024)
    expect(Math.max(...told.map(t => t.text.length))).toBeLessThanOrEqual(64 * 1024)
  }))

  it('is a lead`s: an operator is refused, and may end it', () => withConsole(async () => undefined, async ({ bench, screen }) => {
    const { session } = await screen('terminal.open', { lane: 1 })
    await screen('scan', { text: 'OP:1002' })
    expect(await code(screen('terminal.type', { session, text: 'x' }))).toBe('person.needs-lead')
    expect(await code(screen('terminal.open', { lane: 1 }))).toBe('person.needs-lead')
    await screen('terminal.close', { session })
    expect(await code(bench.run(bench.ask('terminal.type', { session, text: 'x' })))).toBe('serial.no-port')
    expect(await code(bench.run(bench.ask('terminal.open', { lane: 2 })))).toBe('serial.no-port')
    expect(await code(bench.ask('console.transcript', { seq: 1 }))).toBe('door.invalid')
  }))

  it.each<[string, (story: Story) => Promise<unknown>]>([
    ['idle', ({ bench }) => bench.sleep(minutes(10) + 1000)],
    ['nobody', ({ screen }) => screen('operator.leave', {})],
    ['unit', async ({ bench }) => bench.ledger.append({ unit: bench.ledger.unitsHere()[0]?.uid as never, body: { kind: 'unit.left' } })], // one is here
    ['adapter', ({ pull }) => pull()],
    ['station', ({ bench }) => bench.run(bench.station.close())]
  ])('ends by itself: %s', (why, make) => withConsole(async () => undefined, async story => {
    await story.screen('terminal.open', { lane: 1 })
    const { db } = story.bench.ledger
    await make(story)
    await story.bench.sleep(100)
    const closed = db.all<{ body: string }>("SELECT body FROM fact WHERE kind = 'terminal.closed'").map(r => JSON.parse(r.body) as unknown)
    expect(closed).toMatchObject([{ why }])
    if (why === 'station') await story.bench.open()
  }))
})

describe('a console', () => {
  it('is held by a recipe or by a person, never by both; who waits goes on when it is free, or is called off', async () => {
    const claims = new ConsoleClaims()
    const held = claims.claim(3, 'terminal')
    expect(() => claims.claim(3, 'recipe')).toThrow('console.in-use')
    claims.claim(4, 'recipe')
    const stop = new AbortController()
    const calledOff = claims.untilFree(3, stop.signal)
    stop.abort(new Fault('station.stopped'))
    await expect(calledOff).rejects.toThrow('station.stopped')
    const free = claims.untilFree(3, new AbortController().signal)
    held[Symbol.dispose]()
    await free
    claims.claim(3, 'recipe')
    expect(millis(1)).toBe(1)
  })
})
