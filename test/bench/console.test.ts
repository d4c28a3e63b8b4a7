/** The console engine against everything a unit may say, in virtual time. */
import { describe, expect, it } from 'vitest'
import { millis, seconds } from '#shared'
import { Secret } from '../../src/main/bench/log.ts'
import { parseTranscript, Transcript } from '../../src/main/bench/transcript.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { FOREVER, latin, withConsole, type Script } from '../helpers/virtual-console.ts'

const echo: Script = (unit, byte) => unit.say(byte)
const silent: Script = () => undefined
const PROMPT = [/^=> /gm]

async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (thrown) {
    return Fault.from(thrown).code
  }
}

describe('waiting for a prompt', () => {
  it('finds it without a line end, wherever the bytes are cut', async () => {
    const said = '\r\nErased 2 sectors\r\n\u001b[0m=> '
    for (let cut = 1; cut < said.length; cut += 1) {
      const match = await withConsole(silent, async (console, unit) => {
        const waiting = console.expect(PROMPT, seconds(5), FOREVER)
        await unit.say(said.slice(0, cut))
        await unit.clock.sleep(millis(50), FOREVER)
        await unit.say(said.slice(cut))
        return waiting
      })
      expect(match).toMatchObject({ text: '=> ', before: '\nErased 2 sectors\n' })
    }
  })

  it('finds it with messages of the kernel behind it', async () => {
    await withConsole(silent, async (console, unit) => {
      await unit.say('login: [net] lease of 10.77.0.20\r\n')
      expect((await console.expect([/login: /gm], seconds(5), FOREVER)).text).toBe('login: ')
      expect(console.pending).toBe('[net] lease of 10.77.0.20\n')
    })
  })

  it('that never comes ends with what was heard: nothing, words, or gibberish', async () => {
    const wait = (text: string | Uint8Array): Promise<string> => withConsole(silent, async (console, unit) => {
      await unit.say(text)
      await unit.clock.sleep(millis(5), FOREVER)
      const waiting = faultOf(console.expect(PROMPT, seconds(5), FOREVER))
      await unit.say(text)
      return waiting
    })
    expect(await wait('')).toBe('console.silent')
    expect(await wait('booting the system\r\n')).toBe('console.no-prompt')
    expect(await wait(Uint8Array.from({ length: 200 }, (_, i) => [0xfe, 0, 0x80, 0x1e, 0x41][i % 5] ?? 0))).toBe('serial.garbage')
  })

  it('survives 1 MB of garbage, keeps little of it, and finds the prompt behind it', async () => {
    await withConsole(silent, async (console, unit) => {
      const waiting = console.expect(PROMPT, seconds(60), FOREVER)
      const piece = Uint8Array.from({ length: 16_384 }, (_, i) => (i * 37 + (i >> 5)) & 0xff)
      for (let i = 0; i < 64; i += 1) await unit.say(piece)
      await unit.say('\r\n=> ')
      expect((await waiting).text).toBe('=> ')
      expect(console.heard).toBe(64 * 16_384 + 5)
      expect(console.transcript.toString().length).toBeLessThan(2 * 1024 * 1024)
      expect(console.transcript.dropped).toBeGreaterThan(700_000)
    })
  })

  it('a console that never stops is never quiet, and says so in time', async () => {
    await withConsole(silent, async (console, unit) => {
      const stop = new AbortController()
      const talking = (async () => { while (!stop.signal.aborted) { await unit.say('tick\r\n'); await unit.clock.sleep(millis(20), FOREVER) } })()
      expect(await console.settle(millis(200), seconds(3), FOREVER)).toBe(false)
      expect(await faultOf(console.expect(PROMPT, seconds(3), FOREVER))).toBe('console.no-prompt')
      stop.abort()
      await talking
      expect(await console.settle(millis(200), seconds(3), FOREVER)).toBe(true)
    })
  })

  it('ends at once when the signal does, or the adapter', async () => {
    await withConsole(silent, async (console, _unit, scope) => {
      const waiting = faultOf(console.expect(PROMPT, seconds(500), FOREVER))
      await scope.close(new Fault('station.stopped'))
      expect(await Promise.race([waiting, console.expect(PROMPT, millis(1), FOREVER).then(() => 'none', (thrown: unknown) => Fault.from(thrown).code)])).toMatch(/serial\.no-port|console\.silent|station\.stopped/)
    })
  })
})

describe('typing a line', () => {
  it('is whole only when every letter came back', async () => {
    expect(await withConsole(echo, console => console.typeLine('erase 0x04000000 +0x40000', FOREVER))).toBe('whole')
    expect(await withConsole(silent, console => console.typeLine('erase', FOREVER))).toBe('wrong')
    expect(await withConsole((unit, byte) => unit.say(byte === '4' ? '5' : byte), console => console.typeLine('erase 0x04', FOREVER))).toBe('wrong')
    expect(await withConsole((unit, byte) => unit.say(byte === '4' ? '' : byte), console => console.typeLine('erase 0x04', FOREVER))).toBe('wrong')
  })

  it('forgives the break at column 80, as CR CR LF or as space and CR', async () => {
    for (const wrap of ['\r\r\n', ' \r', '\r\n']) {
      let n = 0
      const wrapping: Script = async (unit, byte) => {
        n += 1
        await unit.say(n % 80 === 0 ? `${byte}${wrap}` : byte)
      }
      expect(await withConsole(wrapping, console => console.typeLine('x'.repeat(200), FOREVER))).toBe('whole')
    }
  })

  it('waits for a slow echo as long as it grows', async () => {
    const slow: Script = async (unit, byte) => { await unit.clock.sleep(millis(300), FOREVER); await unit.say(byte) }
    expect(await withConsole(slow, console => console.typeLine('printenv owner', FOREVER))).toBe('whole')
  })

  it('Enter is CR and nothing else', async () => {
    const heard: string[] = []
    await withConsole((_unit, byte) => { heard.push(byte) }, async (console, unit) => { await console.enter(FOREVER); await unit.clock.sleep(millis(20), FOREVER) })
    expect(heard).toEqual(['\r'])
  })
})

describe('keys sent again and again', () => {
  it('stop as soon as the prompt shows, or when their time is over', async () => {
    let keys = 0
    const stops: Script = async unit => { keys += 1; if (keys === 7) await unit.say('\r\n=> ') }
    expect(await withConsole(stops, console => console.keepSending(' ', millis(80), PROMPT, seconds(10), FOREVER))).toMatchObject({ text: '=> ' })
    expect(keys).toBeLessThanOrEqual(8)
    expect(await withConsole(silent, console => console.keepSending(' ', millis(80), PROMPT, seconds(2), FOREVER))).toBeNull()
  })
})

describe('a secret', () => {
  it('is sent, and stands nowhere: not in the transcript, not in what was heard, even when the unit echoes it', async () => {
    let sent = ''
    const leaky: Script = async (unit, byte) => { sent += byte; await unit.say(byte === '\r' ? '\r\nLogin incorrect\r\n' : byte) }
    await withConsole(leaky, async (console, unit) => {
      await console.send({ secret: new Secret('hunter2!'), name: 'password' }, FOREVER)
      await console.enter(FOREVER)
      await unit.clock.sleep(millis(50), FOREVER)
      expect(sent).toBe('hunter2!\r')
      expect(console.pending).toBe('********\nLogin incorrect\n')
      expect(console.transcript.toString()).not.toContain('hunter')
      expect(console.transcript.lines.some(l => l.kind === '*' && l.text === 'password')).toBe(true)
    })
  })
})

describe('a transcript', () => {
  it('reads back as it was written, and lets the oldest go when it is full', () => {
    const transcript = new Transcript(new VirtualClock(), 100)
    transcript.add('<', 'a"\r\n\u001b[0m')
    transcript.add('~', ' ')
    transcript.add('~', ' ')
    transcript.add('*', 'password')
    transcript.add('>', '\r')
    const lines = parseTranscript(transcript.toString())
    expect(lines).toEqual(transcript.lines)
    expect(lines.map(l => l.kind).join('')).toBe('<~*>')
    for (let i = 0; i < 50; i += 1) transcript.add('#', `note ${i} of many`)
    expect(transcript.dropped).toBeGreaterThan(500)
    expect(transcript.toString()).toMatch(/^# \d+ older characters were let go of\n/)
    expect(parseTranscript(transcript.toString()).at(-1)?.text).toBe('note 49 of many')
    expect(latin('x')).toHaveLength(1)
  })
})
