/**
 * `npm run bench -- care [--facts 100000]`: does keeping house hold the bench up? Old facts are archived through the real reader
 * thread and dropped in slices while units are saved every 20 ms; a backup is made and checked meanwhile. The core's loop and the
 * saves are timed throughout, and before it without any of that; the whole is verified at the end.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Archivist, keepMsOf } from '../../src/main/bench/archivist.ts'
import { Backups } from '../../src/main/bench/backups.ts'
import { Checkpoints } from '../../src/main/bench/checkpoints.ts'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log } from '../../src/main/bench/log.ts'
import { Notary } from '../../src/main/bench/notary.ts'
import { Reading } from '../../src/main/bench/reading.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { ReaderThread } from '../../src/main/live/reader-thread.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { StationKey } from '../../src/main/wire/signing.ts'

const STATION = 'bench-1'
const DAYS_OLD = 400
const LOOP_P99_MAX = 5
const LOOP_MAX = 20
const never = new AbortController().signal

/** @param {readonly string[]} words */
export async function main(words) {
  const { values } = parseArgs({ args: [...words], options: { facts: { type: 'string', default: '100000' } } })
  const data = mkdtempSync(join(tmpdir(), 'ub-care-bench-'))
  const live = new LiveClock()
  let back = DAYS_OLD * 86_400_000
  const clock = Object.assign(Object.create(live), { now: () => live.now() - back })
  const log = new Log(() => undefined, () => clock.now())
  const disk = new LiveDisk(data)
  const path = join(data, 'live', 'ledger.db')
  disk.writeAtomic('live/.folder', new Uint8Array(0))
  const db = new LiveSql().open(path)
  await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url))
  try {
    const ledger = new Ledger(db, { clock, entropy: new LiveEntropy() }, log)
    ledger.keepSetting('station', STATION)
    const key = new StationKey(new Uint8Array(32).fill(7))
    let n = 0
    const save = many => ledger.commit(tx => {
      for (let i = 0; i < many; i++) {
        const unit = `unit-${n += 1}`
        tx.append({ unit, body: { kind: 'unit.met', method: 'wired', by: 'lease' } })
        tx.append({ unit, body: { kind: 'unit.named', alias: { kind: 'serial', value: `SN-${n}` } } })
        tx.append({ unit, body: { kind: 'unit.known', product: 'gw3wired00000001', method: 'wired' } })
      }
    })
    while (ledger.lastSeq < Number(values.facts)) save(500)
    back = 0
    save(1)
    new Notary(clock, ledger, log, { station: STATION, publicHex: key.publicHex, sign: bytes => key.sign(bytes) }).sign()
    const reading = new Reading(ledger, thread, path)
    const archivist = new Archivist({ clock, disk, reading }, ledger, log, { station: STATION, keepMs: keepMsOf(180), folder: 'live/archive', destinations: [], central: null })
    const backups = new Backups({ clock, disk, reader: thread, isIdle: () => true }, log, { path, copiesPath: join(data, 'live', 'backup'), copiesDir: 'live/backup', hour: null, station: STATION })
    await reading.check(never) // the thread is up
    const scope = new Scope('bench')
    new Checkpoints({ clock, db, reader: thread }, log, path).start(scope)
    const calm = await timed(() => save(1), () => new Promise(done => { setTimeout(done, 5000) }))
    const busy = await timed(() => save(1), () => archivist.tidy(never))
    const copying = await timed(() => save(1), () => backups.now(never))
    const whole = await reading.verify(STATION, [], [key.publicHex], never)
    await scope.close()
    const files = readdirSync(join(data, 'live', 'archive'))
    const bytes = files.reduce((sum, file) => sum + statSync(join(data, 'live', 'archive', file)).size, 0)
    const tell = (name, t) => console.log(`${name}: ${(t.ms / 1000).toFixed(1)} s, loop p99 ${t.p99.toFixed(1)} ms max ${t.max.toFixed(1)} ms, save of a unit p99 ${t.saveP99.toFixed(1)} ms (${t.saves} saves)`)
    tell('nothing else', calm)
    tell('archiving', busy)
    tell('backup', copying)
    console.log(`${whole.archived} facts in ${files.length} files, ${(bytes / whole.archived).toFixed(1)} bytes a fact`)
    const isWhole = whole.broken.length === 0 && whole.absent === 0
    console.log(`${isWhole ? 'ok  ' : 'MISS'} history is whole: ${whole.facts} facts${isWhole ? '' : `, ${whole.broken.join('; ')}`}`)
    const isCalm = busy.p99 <= Math.max(LOOP_P99_MAX, calm.p99 * 2)
    console.log(`${isCalm ? 'ok  ' : 'MISS'} archiving does not hold the core up: loop p99 ${busy.p99.toFixed(1)} ms (at most ${LOOP_P99_MAX} ms, or twice what it is without)`)
    const isSmooth = busy.max <= Math.max(LOOP_MAX, calm.max * 2)
    console.log(`${isSmooth ? 'ok  ' : 'MISS'} nor for a moment: longest ${busy.max.toFixed(1)} ms (at most ${LOOP_MAX} ms, or twice what it is without)`)
    if (!isWhole || !isCalm || !isSmooth) process.exitCode = 1
  } finally {
    db[Symbol.dispose]()
    rmSync(data, { recursive: true, force: true })
  }
}

/** One save each 20 ms while `work` runs. */
async function timed(save, work) {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const saves = []
  const timer = setInterval(() => {
    const at = performance.now()
    save()
    saves.push(performance.now() - at)
  }, 20)
  loop.enable()
  const at = performance.now()
  await work()
  const ms = performance.now() - at
  clearInterval(timer)
  loop.disable()
  const sorted = saves.toSorted((a, b) => a - b)
  return { ms, p99: loop.percentile(99) / 1e6, max: loop.max / 1e6, saves: saves.length, saveP99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}
