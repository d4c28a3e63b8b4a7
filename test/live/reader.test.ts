/** The reader thread: it reads beside the writer, makes copies that are checked before they get their name, and may die. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StatusView } from '#shared'
import { Checkpoints } from '../../src/main/bench/checkpoints.ts'
import { findDrift } from '../../src/main/bench/drift.ts'
import { Log } from '../../src/main/bench/log.ts'
import { quickCheck, Reading } from '../../src/main/bench/reading.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { loadConfig } from '../../src/main/config.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { copyLedger, LiveSql } from '../../src/main/live/sqlite.ts'
import { ReaderThread } from '../../src/main/live/reader-thread.ts'
import type { Reader } from '../../src/main/ports.ts'
import { createStation } from '../../src/main/station.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { World } from '../../src/main/virtual/world.ts'
import { LedgerBench, makeFolder } from '../helpers/ledger.ts'

const FOREVER = new AbortController().signal
const SCRIPT = new URL('../../src/main/reader.ts', import.meta.url)

function filled(path: string, units: number): LedgerBench {
  const bench = new LedgerBench(path)
  for (let n = 0; n < units; n += 1) bench.meet(`u${n}`, { aliases: [{ kind: 'serial', value: `SN-${n}-X` }] })
  return bench
}

describe('the reader thread', () => {
  it('checks, searches and verifies a file while it is being written', async () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    using bench = filled(path, 200)
    await using thread = new ReaderThread(SCRIPT)
    const reading = new Reading(bench.ledger, thread, path)
    const [check, verified] = await Promise.all([reading.check(FOREVER), reading.verify('s1', [], [], FOREVER)])
    expect([check, verified]).toEqual(['ok', { facts: bench.ledger.lastSeq, heads: 0, headsElsewhere: 0, archived: 0, absent: 0, broken: [] }])
    bench.db.run('DELETE FROM fact WHERE seq = 5')
    expect((await reading.verify('s1', [], [], FOREVER)).broken[0]).toBe('fact 5 is missing; the next is 6')
  })

  it('makes a copy that opens, is sound and holds what was committed, with nothing beside it', async () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    using bench = filled(path, 300)
    await using thread = new ReaderThread(SCRIPT)
    const to = join(folder.path, 'backup', 'ledger-1.db')
    await Promise.all([thread.copy(path, to, FOREVER), (async () => { for (let n = 0; n < 50; n += 1) await new Promise(resolve => { setImmediate(() => resolve(bench.meet(`late${n}`))) }) })()])
    expect(readdirSync(join(folder.path, 'backup'))).toEqual(['ledger-1.db'])
    using copy = new LedgerBench(to)
    expect(copy.ledger.lastSeq).toBeGreaterThanOrEqual(900)
    expect(findDrift(copy.ledger)).toEqual([])
  })

  it('moves the log into the file beside the writer, so that no commit does it and the log begins anew', async () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    using bench = filled(path, 0)
    await using thread = new ReaderThread(SCRIPT)
    const asked: object[] = []
    const reader: Reader = { ask: (file, question, signal) => { asked.push(question); return thread.ask(file, question, signal) }, copy: async () => { await Promise.resolve() } }
    const checkpoints = new Checkpoints({ clock: bench.clock, reader, db: bench.db }, bench.log, path)
    await using scope = new Scope('test')
    checkpoints.start(scope)
    const logBytes = (): number => statSync(`${path}-wal`).size
    const written = (): number => statSync(path).size
    const small = written()
    for (let n = 0; n < 400; n += 1) bench.meet(`u${n}`, { aliases: [{ kind: 'serial', value: `SN-${n}-X` }] })
    expect([logBytes() > 1000 * 4096, written()]).toEqual([true, small]) // a thousand pages, and no commit has moved them
    await checkpoints.look(FOREVER)
    expect(written()).toBeGreaterThan(small)
    const full = logBytes()
    for (let n = 400; n < 500; n += 1) bench.meet(`u${n}`)
    expect(logBytes()).toBe(full)
    await checkpoints.look(FOREVER)
    await checkpoints.look(FOREVER) // nothing was written since
    expect(asked).toEqual([{ kind: 'checkpoint' }, { kind: 'checkpoint' }])
    expect(findDrift(bench.ledger)).toEqual([])
    using copy = new LiveSql().open(path, { readonly: true })
    expect(quickCheck(copy)).toBe('ok')
  })

  it('does not keep a copy of a damaged file', async () => {
    using folder = makeFolder()
    const path = join(folder.path, 'ledger.db')
    const bench = filled(path, 300)
    bench.db.run('PRAGMA wal_checkpoint(TRUNCATE)')
    bench[Symbol.dispose]()
    const bytes = readFileSync(path)
    bytes.fill(0xee, 4096 * 6, 4096 * 9)
    writeFileSync(path, bytes)
    const to = join(folder.path, 'copy.db')
    await expect(copyLedger(path, to)).rejects.toMatchObject({ code: expect.stringMatching(/^ledger\.(damaged|cannot-open)$/) as string })
    expect(readdirSync(folder.path).filter(name => name.startsWith('copy.db') && !name.endsWith('draft'))).toEqual([])
  })

  it('says so when the file is not there, goes on after an error, and ends when it is told to', async () => {
    using folder = makeFolder()
    const thread = new ReaderThread(SCRIPT)
    await expect(thread.ask(join(folder.path, 'none.db'), { kind: 'check' }, FOREVER)).rejects.toMatchObject({ code: 'ledger.cannot-open' })
    const path = join(folder.path, 'ledger.db')
    using bench = filled(path, 3)
    await expect(thread.ask(path, { kind: 'check' }, FOREVER)).resolves.toBe('ok')
    expect(bench.ledger.lastSeq).toBeGreaterThan(0)
    const late = thread.ask(path, { kind: 'check' }, FOREVER)
    await Promise.all([expect(late).rejects.toMatchObject({ code: 'ledger.shut' }), thread[Symbol.asyncDispose]()])
    await expect(thread.ask(path, { kind: 'check' }, AbortSignal.abort(new Error('no')))).rejects.toThrow('no')
  })
})

it('a station on a file of an older program copies it before the migration, then checks and copies it by itself', async () => {
  using folder = makeFolder()
  mkdirSync(join(folder.path, 'training'))
  {
    using old = new LiveSql().open(join(folder.path, 'training', 'ledger.db'))
    old.run(readFileSync(new URL('../golden/ledger-v1.sql', import.meta.url), 'utf8'))
  }
  await using thread = new ReaderThread(SCRIPT)
  await using world = new World({ seed: 3, sql: new LiveSql(), disk: new LiveDisk(folder.path), pace: 20, startAt: Date.now() })
  const config = loadConfig({ file: null, text: null, env: {}, flags: { 'bench.card': 'bench0' } })
  const log = new Log(() => undefined, () => world.clock.now())
  const station = await createStation({ ...world.ports, reader: thread }, config, { dataDir: folder.path, log, version: '9.9.9', access: virtualAccess() })
  const copies = (): string[] => readdirSync(join(folder.path, 'training', 'backup')).map(name => name.replace(/-\d{4}-.*/, ''))
  await expect.poll(copies, { timeout: 10_000 }).toEqual(['before-9.9.9', 'ledger'])
  await expect.poll(async () => {
    const answer = await station.gate.ask('status', {}, { host: 'local' })
    return answer.ok ? (answer.value as StatusView).lamps.find(l => l.name === 'ledger')?.state : null // the row asked for
  }).toBe('ok')
  const [before = ''] = readdirSync(join(folder.path, 'training', 'backup'))
  using copy = new LiveSql().open(join(folder.path, 'training', 'backup', before), { readonly: true })
  expect(copy.all('PRAGMA user_version')).toEqual([{ user_version: 1 }])
  await station.close()
})
