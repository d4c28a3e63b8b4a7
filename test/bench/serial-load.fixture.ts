/**
 * The listening side of `npm run bench -- serial`: the console engine on so many ptys at once, patterns running on all of them.
 * Counts every byte and every prompt; tells the delay of the event loop and the share of a core.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { millis, seconds } from '#shared'
import { Console } from '../../src/main/bench/console.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { Transcript } from '../../src/main/bench/transcript.ts'
import { LiveClock } from '../../src/main/live/clock.ts'
import { LiveSerial } from '../../src/main/live/serial.ts'

const P99_MS_MAX = 5 // issue 7
const CORES_MAX = 1
const BITS_A_BYTE = 10 // 8N1
const [consoles = 16, lasting = 20, baud = 115_200] = process.argv.slice(2).map(Number)

const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })
const round = (n: number): number => Math.round(n * 100) / 100
const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0)

const folder = mkdtempSync(join(tmpdir(), 'ub-bench-serial-'))
const paths = Array.from({ length: consoles }, (_, i) => join(folder, `console${i}`))
const talker = spawn(process.execPath, [join(import.meta.dirname, 'serial-talker.fixture.ts'), String(lasting), String(baud / BITS_A_BYTE), ...paths], { stdio: ['pipe', 'pipe', 'inherit'] })
const said = createInterface({ input: talker.stdout })[Symbol.asyncIterator]()
const next = async (): Promise<string> => {
  const { value }: { value?: unknown } = await said.next()
  return String(value)
}

try {
  await next()
  for (let i = 0; i < 250 && !paths.every(path => existsSync(path)); i += 1) await pause(20)
  await using scope = new Scope('bench')
  const stop = new AbortController()
  const clock = new LiveClock()
  const serial = new LiveSerial()
  const all = await Promise.all(paths.map(async path => {
    const console = new Console(clock, scope.own(await serial.open(path, { baud }, stop.signal)), new Transcript(clock), { path, baud, charMs: millis(4), echoMs: seconds(1) })
    console.start(scope)
    return console
  }))
  let [found, outOfOrder] = [0, 0]
  const listening = all.map(async console => {
    for (let n = 10; ; n += 10) {
      const match = await console.look([/^=> /gm, /^Password: /gm, /login: /gm], seconds(lasting + 10), stop.signal).catch(() => null)
      if (match === null) return
      found += 1
      if (!match.before.includes(`#${String(n).padStart(7, '0')} `)) outOfOrder += 1
    }
  })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const above = (percentile: number): number => round(Math.max(0, delay.percentile(percentile) / 1e6 - 1)) // the measuring timer itself fires each millisecond
  delay.enable()
  await pause(3000)
  const idleP99 = above(99) // what this machine does to a process that does nothing
  delay.reset()
  const [cpu, from] = [process.cpuUsage(), performance.now()]
  talker.stdin.write('go\n')
  const told = JSON.parse(await next()) as { sent: number[]; lines: number[] } // our own talker
  const wallMs = performance.now() - from
  const used = process.cpuUsage(cpu)
  delay.disable()
  const bytesSent = sum(told.sent)
  for (let i = 0; i < 200 && sum(all.map(c => c.heard)) < bytesSent; i += 1) await pause(20)
  await pause(100)
  const bytesHeard = sum(all.map(c => c.heard))
  stop.abort()
  await Promise.allSettled(listening)
  const prompts = sum(told.lines.map(n => Math.floor(n / 10)))
  const figures = {
    consoles, baud, seconds: round(wallMs / 1000), bytesSent, bytesLost: bytesSent - bytesHeard, bytesPerSecond: Math.round(bytesHeard / wallMs * 1000), prompts, promptsFound: found, outOfOrder,
    loopDelayMs: { p50: above(50), p99: above(99), max: round(delay.max / 1e6), idleP99 }, cores: round((used.user + used.system) / 1000 / wallMs)
  }
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  const isGood = bytesHeard === bytesSent && found === prompts && outOfOrder === 0 && figures.loopDelayMs.p99 <= P99_MS_MAX && figures.cores <= CORES_MAX
  process.exitCode = isGood ? 0 : 1
} finally {
  talker.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}
