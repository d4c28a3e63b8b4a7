/** A console in virtual time with a script behind it: what the unit says and does with what it hears is the test's. */
import { millis } from '#shared'
import { Console } from '../../src/main/bench/console.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Transcript } from '../../src/main/bench/transcript.ts'
import type { BytePipe } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'

export const FOREVER = new AbortController().signal
export const latin = (text: string): Uint8Array => Uint8Array.from(text, c => c.charCodeAt(0))

export interface Unit { say(text: string | Uint8Array): Promise<void>; readonly clock: VirtualClock }
export type Script = (unit: Unit, byte: string) => void | Promise<void>

/** Runs `talk` with a console whose unit calls `hear` for each byte sent to it. */
export async function withConsole<T>(hear: Script, talk: (console: Console, unit: Unit, scope: Scope) => Promise<T>, bytesMax?: number): Promise<T> {
  const clock = new VirtualClock()
  const serial = new VirtualSerial(clock)
  const { unit, attach } = scripted(clock, hear)
  serial.plug({ path: 'unit', label: 'unit' }, attach)
  const scope = new Scope('test')
  return clock.run((async () => {
    const console = new Console(clock, scope.own(await serial.open('unit', { baud: 115200 }, FOREVER)), new Transcript(clock, bytesMax), { path: 'unit', baud: 115200, charMs: millis(1), echoMs: millis(500) })
    console.start(scope)
    try {
      return await talk(console, unit, scope)
    } finally {
      await scope.close()
    }
  })())
}

export function scripted(clock: VirtualClock, hear: Script): { readonly unit: Unit; readonly attach: (pipe: BytePipe) => void } {
  let line: BytePipe | null = null
  const unit: Unit = { clock, say: async text => { await line?.write(typeof text === 'string' ? latin(text) : text, FOREVER).catch(() => undefined) } }
  const attach = (pipe: BytePipe): void => {
    line = pipe
    void (async () => {
      for (;;) {
        const bytes = await pipe.read(FOREVER).catch(() => null)
        if (bytes === null) return
        for (const byte of bytes) await hear(unit, String.fromCharCode(byte))
      }
    })()
  }
  return { unit, attach }
}
