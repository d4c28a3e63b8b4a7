/** The console engine over a real pty of the kernel (socat): bytes, floods, silence and pulled adapters as they really come. */
import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import { Console } from '../../src/main/bench/console.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Transcript } from '../../src/main/bench/transcript.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { Adapter, missingPrograms, pause } from '../helpers/adapter.ts'
import { liveClock, livePorts } from '../helpers/recipes.ts'

const missing = missingPrograms('socat')
const FOREVER = new AbortController().signal
const PROMPT = [/^=> /gm]

async function talk<T>(adapter: Adapter, say: (console: Console) => Promise<T>): Promise<T> {
  await using scope = new Scope('pty')
  const console = new Console(liveClock, scope.own(await livePorts.serial.open(adapter.path, { baud: 115200 }, FOREVER)), new Transcript(liveClock), { path: adapter.path, baud: 115200, charMs: millis(1), echoMs: millis(300) })
  console.start(scope)
  return await say(console)
}
async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try { await work } catch (thrown) { return Fault.from(thrown) }
  throw new Error('nothing failed')
}

describe.skipIf(missing.length > 0)(`a console on a pty${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  it('finds a prompt cut at every byte', async () => {
    await using adapter = await Adapter.open()
    await talk(adapter, async console => {
      const said = 'Erased 2 sectors\r\n\u001b[0m=> '
      for (let cut = 1; cut < said.length; cut += 1) {
        const waiting = console.expect(PROMPT, seconds(5), FOREVER)
        adapter.say(`\r\n${said.slice(0, cut)}`)
        await pause(8)
        adapter.say(said.slice(cut))
        expect((await waiting).before).toContain('Erased 2 sectors\n')
      }
    })
  })

  it('loses no byte of 1 MB of garbage and finds what comes behind it', async () => {
    await using adapter = await Adapter.open()
    await talk(adapter, async console => {
      const garbage = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, i) => (i * 197 + (i >> 7)) & 0xff))
      const waiting = console.expect(PROMPT, seconds(20), FOREVER)
      adapter.say(garbage)
      await adapter.drained()
      adapter.say('\r\n=> ')
      expect((await waiting).text).toBe('=> ')
      expect(console.heard).toBe(garbage.length + 5)
    })
  })

  it('one that says nothing is told by its silence, in the time given', async () => {
    await using adapter = await Adapter.open()
    const from = performance.now()
    expect((await faultOf(talk(adapter, console => console.expect(PROMPT, millis(400), FOREVER)))).code).toBe('console.silent')
    expect(performance.now() - from).toBeLessThan(2500)
  })

  it('one that never stops is never quiet, says so in time, and its prompt is found all the same', async () => {
    await using adapter = await Adapter.open()
    const chatter = setInterval(() => adapter.say('[  12.345] eth0: link is not ready\r\n'.repeat(20)), 5)
    try {
      await talk(adapter, async console => {
        const from = performance.now()
        expect(await console.settle(millis(300), millis(900), FOREVER)).toBe(false)
        expect(performance.now() - from).toBeLessThan(3000)
        expect((await faultOf(console.expect(PROMPT, millis(400), FOREVER))).code).toBe('console.no-prompt')
        const waiting = console.expect(PROMPT, seconds(5), FOREVER)
        adapter.say('\r\n=> ')
        expect((await waiting).text).toBe('=> ')
      })
    } finally {
      clearInterval(chatter)
    }
  })

  it('types through CR LF doubled, and an echo broken at column 80', async () => {
    await using adapter = await Adapter.open()
    let n = 0
    adapter.onWritten = bytes => {
      for (const byte of bytes) {
        n += 1
        adapter.say(byte === 0x0d ? '\r\n\r\nok\r\n\r\n=> ' : String.fromCharCode(byte) + (n % 80 === 0 ? '\r\r\n' : ''))
      }
    }
    await talk(adapter, async console => {
      expect(await console.typeLine('y'.repeat(180), FOREVER)).toBe('whole')
      await console.enter(FOREVER)
      expect((await console.expect(PROMPT, seconds(2), FOREVER)).before).toBe('\n\nok\n\n')
    })
    expect(adapter.written.toString()).toBe(`${'y'.repeat(180)}\r`)
  })

  it('an adapter pulled while waiting, or while typing, is a fault within a second', async () => {
    await using adapter = await Adapter.open()
    const fault = await talk(adapter, async console => {
      const waiting = faultOf(console.expect(PROMPT, seconds(30), FOREVER))
      await pause(50)
      adapter.pull()
      const seen = await waiting
      expect((await faultOf(console.send('printenv', FOREVER))).code).toBe('serial.no-port')
      return seen
    })
    expect(fault).toMatchObject({ code: 'serial.no-port', context: { path: adapter.path } })
  })

  it('an adapter held by another program is busy, not gone', async () => {
    await using adapter = await Adapter.open()
    const fault = await talk(adapter, () => faultOf(livePorts.serial.open(adapter.path, { baud: 115200 }, FOREVER)))
    expect(fault.code).toBe('serial.busy')
  })

  it('a break where the line has none is nothing', async () => {
    await using adapter = await Adapter.open()
    expect(await talk(adapter, console => console.break(millis(20), FOREVER))).toBe(true)
  })
})
