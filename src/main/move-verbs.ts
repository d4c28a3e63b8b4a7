/**
 * `unbindery move out|in`, `backup now|list`, `restore FILE`: the ledger as a whole, from a terminal. Whatever changes it
 * holds the station's own lock meanwhile, so that no station runs on it.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { homedir } from 'node:os'
import { parseArgs } from 'node:util'
import { MODES, type BackupView, type Mode } from '#shared'
import { correction, valueOf } from './asking.ts'
import { instantOf, stampOf } from './bench/backups.ts'
import { Ledger } from './bench/ledger.ts'
import { Log } from './bench/log.ts'
import { Notary } from './bench/notary.ts'
import { assertReadable } from './bench/schema.ts'
import { quickCheck, SOUND } from './bench/reading.ts'
import { beginAnew, predecessorOf, succeed, type Predecessor } from './bench/succession.ts'
import { endOf, verifyLedger } from './bench/verify.ts'
import { Fault } from './domain/fault.ts'
import { askLocal } from './hosts/local.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LiveSecrets } from './live/secrets.ts'
import { copyLedger, holdLock, LiveSql } from './live/sqlite.ts'
import { defaultDataDir } from './options.ts'
import { ARCHIVE_FOLDER, ledgerPath, stationKey } from './records.ts'
import { FileVault } from './vault.ts'
import { inWords } from './words-of-faults.ts'

const ASK_MS = 10 * 60_000 // a copy of a large ledger takes its time
/** Beside the ledger. */
const KEPT = [ARCHIVE_FOLDER, 'transcripts']
/** What people put into the data folder, or earned in training. */
const OWN = ['labels.json', 'transports.json', 'recipes', 'competence.jsonl']
const clock = new LiveClock()
const ports = { clock, entropy: new LiveEntropy() }
const log = new Log(() => undefined, () => clock.now())

interface Words { readonly json?: boolean; readonly data?: string; readonly mode?: string }

/** Gives the exit code: 2 for words that make no sense, 1 for a fault, else 0. */
export async function answerMoveWords(words: readonly string[], usage: string): Promise<number> {
  try {
    const { positionals, values } = parseArgs({ args: [...words], allowPositionals: true, options: { json: { type: 'boolean' }, data: { type: 'string' }, mode: { type: 'string' } } })
    const data = resolve(values.data ?? defaultDataDir(process.env, process.platform, homedir()))
    const said = await answer(positionals, data, values)
    if (said === null) process.stderr.write(correction(usage, words))
    else process.stdout.write(`${said}\n`)
    return said === null ? 2 : 0
  } catch (thrown) {
    const isWrongWords = thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS')
    process.stderr.write(isWrongWords ? correction(usage, words, thrown.message) : `${inWords(thrown)}\n`)
    return isWrongWords ? 2 : 1
  }
}

async function answer([verb, first, second]: readonly string[], data: string, values: Words): Promise<string | null> {
  const mode = MODES.find(m => m === values.mode) ?? MODES.toReversed().find(m => existsSync(ledgerPath(data, m))) ?? 'live'
  if (verb === 'move' && first === 'out' && second !== undefined) return await moveOut(data, mode, resolve(second))
  if (verb === 'move' && first === 'in' && second !== undefined) return await moveIn(data, resolve(second))
  if (verb === 'restore' && first !== undefined) return await restore(data, mode, resolve(first))
  if (verb === 'backup' && first === 'now') return await backupNow(data, mode)
  if (verb === 'backup' && first === 'list') return listBackups(data, mode, values.json === true)
  return null
}

/** The last signed fact retires the old data; what it holds lies in `folder` then, but for secrets. */
async function moveOut(data: string, mode: Mode, folder: string): Promise<string> {
  using _lock = lockStation(data)
  if (mode !== 'live') throw new Fault('door.invalid', { text: 'only a live station moves' })
  if (existsSync(join(folder, 'ledger.db'))) throw new Fault('ledger.not-empty', { folder })
  const path = existing(ledgerPath(data, mode))
  let said: string
  {
    using db = new LiveSql().open(path)
    const ledger = new Ledger(db, ports, log)
    const station = ledger.setting('station') ?? ''
    if (!isRetired(ledger)) ledger.append({ body: { kind: 'station.retired' } })
    const disk = new LiveDisk(data)
    const key = stationKey(disk, new LiveSecrets(disk, process.env), ports.entropy, mode)
    new Notary(clock, ledger, log, { station, publicHex: key.publicHex, sign: bytes => key.sign(bytes) }).sign()
    said = `station ${station} is retired with fact ${ledger.lastSeq}`
  }
  await copyLedger(path, join(folder, 'ledger.db'))
  carry(join(data, mode), folder, KEPT)
  carry(data, join(folder, 'own'), OWN)
  return `${said}\nEverything but its secrets lies in ${folder}. At the new computer: unbindery move in ${folder}`
}

function carry(from: string, to: string, names: readonly string[]): void {
  for (const name of names) if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true })
}

async function moveIn(data: string, folder: string): Promise<string> {
  using _lock = lockStation(data)
  if (existsSync(ledgerPath(data, 'live'))) throw new Fault('ledger.not-empty', { data })
  const from = existing(join(folder, 'ledger.db'))
  carry(folder, join(data, 'live'), KEPT)
  carry(join(folder, 'own'), data, OWN)
  const old = await goOn(from, data, 'live', 'move')
  const disk = new LiveDisk(data)
  stationKey(disk, new LiveSecrets(disk, process.env), ports.entropy, 'live')
  return [
    `station ${old.made} goes on from ${old.station}, whole to its last fact ${old.seq}`,
    'Secrets do not move. Enter again, here:',
    ...old.accounts.map(account => `  unbindery account add ${account} ...   (or its secretEnv or secretFile in the configuration)`),
    '  passwords of bench networks, recipes, the switch and destinations: where the configuration names them'
  ].join('\n')
}

/** The present ledger is kept aside; what came after the backup is not known, so the day's seats count as spent. */
async function restore(data: string, mode: Mode, from: string): Promise<string> {
  using _lock = lockStation(data)
  const path = ledgerPath(data, mode)
  const aside = join(data, mode, 'aside', `ledger-${stampOf(clock.now())}.db`)
  const old = await goOn(existing(from), data, mode, 'restore', () => setAside(path, aside))
  return [
    `station ${old.made} goes on from the backup of ${old.station}, which ends with fact ${old.seq} of ${new Date(old.lastAt).toISOString()}`,
    ...existsSync(aside) ? [`The ledger that was here is kept as ${aside}`] : [],
    'What came after the backup is not known: until that day is over its seats count as spent.'
  ].join('\n')
}

interface Old extends Predecessor { readonly lastAt: number; readonly accounts: readonly string[] }

/** The old ledger goes into the archive as it is; a copy of it, begun anew, takes the place of the ledger. `made`: the new station. */
async function goOn(from: string, data: string, mode: Mode, how: 'move' | 'restore', beforePut: () => void = () => undefined): Promise<Old & { readonly made: string }> {
  const path = ledgerPath(data, mode)
  const draft = `${path}.coming`
  const sweep = (): void => { for (const end of ['', '-wal', '-shm', '.lock', '.db']) rmSync(draft + end, { force: true }) }
  mkdirSync(join(data, mode), { recursive: true, mode: 0o700 })
  sweep()
  try {
    await copyLedger(from, draft)
    const old = readOld(draft, how)
    await copyLedger(draft, join(data, mode, ARCHIVE_FOLDER, old.file))
    const made = succeedIn(draft, how, old)
    await copyLedger(draft, `${draft}.db`) // a plain file, without a WAL beside it
    beforePut()
    renameSync(`${draft}.db`, path)
    return { ...old, made }
  } finally {
    sweep()
  }
}

/** Checks a ledger that is to be gone on from, from its first fact. Faults: `ledger.damaged` {found}, `ledger.retired`, `ledger.not-retired`. */
function readOld(path: string, how: 'move' | 'restore'): Old {
  using db = new LiveSql().open(path)
  const found = quickCheck(db)
  if (found !== SOUND) throw new Fault('ledger.damaged', { found: found.slice(0, 200) })
  const ledger = new Ledger(db, ports, log)
  const old = predecessorOf(ledger, (station, seq) => `${station}-${seq}.db`)
  if (isRetired(ledger) !== (how === 'move')) throw new Fault(how === 'move' ? 'ledger.not-retired' : 'ledger.retired', { station: old.station })
  using vault = new FileVault(path)
  const broken = verifyLedger(ledger, old.station, [], [], vault).broken[0] ?? endOf(ledger, old.station)
  if (broken !== null) throw new Fault('ledger.damaged', { found: broken.slice(0, 200) })
  const last = ledger.history(null, Number.MAX_SAFE_INTEGER, 1)[0]
  return { ...old, lastAt: last?.at ?? 0, accounts: db.all<{ account: string }>('SELECT DISTINCT account FROM seat ORDER BY account').map(r => r.account) }
}

function succeedIn(path: string, how: 'move' | 'restore', old: Predecessor): string {
  using db = new LiveSql().open(path)
  beginAnew(db, how)
  return succeed(new Ledger(db, ports, log), how, old)
}

/** With its WAL: without it a ledger opens clean and empty. */
function setAside(path: string, to: string): void {
  if (!existsSync(path)) return
  mkdirSync(join(to, '..'), { recursive: true, mode: 0o700 })
  for (const end of ['-wal', '-shm', '']) if (existsSync(path + end)) renameSync(path + end, to + end)
}

async function backupNow(data: string, mode: Mode): Promise<string> {
  try {
    const { name } = valueOf(await askLocal(data, 'backup.now', {}, AbortSignal.timeout(ASK_MS))) as BackupView // the door pairs them
    return `copied and checked: ${join(data, mode, 'backup', name)}`
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'door.no-station') throw thrown
  }
  const to = join(data, mode, 'backup', `ledger-${stampOf(clock.now())}.db`)
  await copyLedger(existing(ledgerPath(data, mode)), to)
  readEnd(to)
  return `copied and checked: ${to}`
}

function readEnd(path: string): void {
  using db = new LiveSql().open(path, { readonly: true })
  assertReadable(db)
  const ledger = new Ledger(db, ports, log, true)
  const found = endOf(ledger, ledger.setting('station') ?? '')
  if (found !== null) throw new Fault('ledger.damaged', { found: found.slice(0, 200) })
}

function listBackups(data: string, mode: Mode, isJson: boolean): string {
  const folder = join(data, mode, 'backup')
  const rows = (existsSync(folder) ? readdirSync(folder) : []).flatMap(name => {
    const at = instantOf(name)
    return at === null ? [] : [{ name, at, path: join(folder, name) }]
  }).toSorted((a, b) => b.at - a.at)
  if (isJson) return JSON.stringify(rows, null, 2)
  return rows.length === 0 ? 'no backup yet' : rows.map(row => `${new Date(row.at).toISOString().slice(0, 19).replace('T', ' ')}  ${row.path}`).join('\n')
}

/** Faults: `ledger.running`. */
function lockStation(data: string): Disposable {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  try {
    return holdLock(join(data, 'station'))
  } catch (thrown) {
    if (Fault.from(thrown).code === 'ledger.second-instance') throw new Fault('ledger.running', { data }, thrown)
    throw thrown
  }
}

function existing(path: string): string {
  if (!existsSync(path)) throw new Fault('ledger.cannot-open', { path: basename(path), reason: 'there is no such file' })
  return path
}

function isRetired(ledger: Ledger): boolean {
  return ledger.history(null, Number.MAX_SAFE_INTEGER, 1)[0]?.body.kind === 'station.retired'
}
