/**
 * The support bundle: one compressed file for whoever helps, with what a helper asks for first and no secret in it. Secrets
 * are left out where they stand, and every known one is masked once more in all text, should it have got somewhere else.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { arch, freemem, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { counted, FAULTS, MODES, type Mode } from '#shared'
import { readAccess, type Access } from './access.ts'
import { maskerOf, plainAddress } from './bench/masking.ts'
import { loadConfig, type Config } from './config.ts'
import { readConfig, readSecretFile } from './config-file.ts'
import { examine } from './doctor.ts'
import { Fault } from './domain/fault.ts'
import { askLocal } from './hosts/local.ts'
import { askLedger } from './ledger-answers.ts'
import { LiveClock } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LiveSecrets } from './live/secrets.ts'
import { LiveSql } from './live/sqlite.ts'
import { readVersion } from './opening.ts'
import type { Options } from './options.ts'
import type { Database, Secrets } from './ports.ts'
import { ledgerPath } from './records.ts'
import { tarOf } from './wire/tar.ts'

const LOG_BYTES_MAX = 1024 * 1024
const FAULTS_MAX = 200
const ASK_MS = 10_000
const encoder = new TextEncoder()

/** gzip-compressed tar. Never fails for a part that cannot be had: the part says why. */
export async function supportBundle(options: Options, env: NodeJS.ProcessEnv = process.env): Promise<Uint8Array> {
  const { config, access, complaint } = configOf(options, env)
  const mode = existsSync(ledgerPath(options.data, 'live')) ? 'live' : MODES.find(m => existsSync(ledgerPath(options.data, m))) ?? config.mode
  const mask = maskerOf([...secretsOf(access), ...sealedSecrets(options.data, mode, env)])
  const now = new LiveClock().now()
  const parts: Readonly<Record<string, () => unknown>> = {
    'about.json': () => aboutOf(options.data, mode, now),
    'config.json': () => ({ file: options.config, complaint, settings: shownConfig(config) }),
    'doctor.json': () => examine(options),
    'status.json': () => ask(options.data, 'status'),
    'network.json': () => ask(options.data, 'network.view'),
    'leases.json': () => ask(options.data, 'network.leases'),
    'ports.json': () => ask(options.data, 'ports.list'),
    'ledger.json': () => withLedger(options.data, mode, countsOf),
    'faults.json': () => withLedger(options.data, mode, lastFaults),
    'schema.sql': () => withLedger(options.data, mode, schemaOf),
    'station.log': () => logTail(options.data)
  }
  const files: { name: string; bytes: Uint8Array }[] = []
  for (const [name, make] of Object.entries(parts)) {
    const value = await Promise.resolve().then(make).catch((thrown: unknown) => ({ missing: Fault.from(thrown).toView() }))
    files.push({ name: `unbindery-support/${name}`, bytes: encoder.encode(mask(typeof value === 'string' ? value : `${JSON.stringify(value, plain, 2)}\n`)) })
  }
  return gzipSync(tarOf(files, now))
}

/** A configuration with mistakes is part of what a helper needs to see. */
function configOf(options: Options, env: NodeJS.ProcessEnv): { readonly config: Config; readonly access: Access | null; readonly complaint: string | null } {
  let config: Config
  try {
    config = readConfig(options, env)
  } catch (thrown) {
    return { config: loadConfig({ file: null, text: null, env: {}, flags: {} }), access: null, complaint: String(Fault.from(thrown).context['complaints'] ?? '') }
  }
  try {
    return { config, access: readAccess(config, { env, file: readSecretFile }), complaint: null }
  } catch (thrown) {
    return { config, access: null, complaint: String(Fault.from(thrown).context['complaints'] ?? '') }
  }
}

/** Settings hold no secret; addresses and commands may carry one all the same. */
function shownConfig(config: Config): Readonly<Record<string, unknown>> {
  const shown = (value: unknown): unknown => {
    if (typeof value === 'string') return /^\w+:\/\//.test(value) ? plainAddress(value) : value
    if (Array.isArray(value)) return value.map(shown)
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)])) : value
  }
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, key === 'wave.command' && typeof value === 'string' && value !== '' ? `${value.split(' ')[0] ?? ''} …` : shown(value)]))
}

function secretsOf(access: Access | null): string[] {
  if (access === null) return []
  return [
    ...access.accounts.map(a => a.secret), ...access.wifi.map(w => w.password), ...access.community ? [access.community] : [], ...access.recipeSecrets?.values() ?? [],
    ...(access.webhooks ?? []).flatMap(w => w.token ?? [])
  ].map(secret => secret.reveal())
}

/** Of accounts entered at the station and of tokens; what cannot be opened here is not in the clear anywhere either. */
function sealedSecrets(data: string, mode: Mode, env: NodeJS.ProcessEnv): string[] {
  if (!existsSync(data)) return []
  try {
    const secrets = new LiveSecrets(new LiveDisk(data), env)
    const stored = join(data, mode, 'accounts.json')
    const text = existsSync(stored) ? readFileSync(stored, 'utf8') : ''
    const accounts = [...text.matchAll(/"sealed":\s*"([^"]+)"/g)].map(([, sealed = '']) => opened(secrets, Buffer.from(sealed, 'base64')))
    const tokens = existsSync(ledgerPath(data, mode)) ? withLedger(data, mode, db => db.all<{ sealed: Uint8Array }>('SELECT sealed FROM token')).map(row => opened(secrets, row.sealed)) : []
    return [...accounts, ...tokens, ...tokens.map(token => token.slice(2, 10))]
  } catch {
    return []
  }
}

function opened(secrets: Secrets, sealed: Uint8Array): string {
  try { return new TextDecoder().decode(secrets.open(sealed)) } catch { return '' }
}

function aboutOf(data: string, mode: Mode, now: number): object {
  const sizes = (folder: string): object => existsSync(folder)
    ? Object.fromEntries(readdirSync(folder, { withFileTypes: true }).map(e => [e.name, e.isFile() ? statSync(join(folder, e.name)).size : e.isDirectory() ? counted(readdirSync(join(folder, e.name)).length, 'file') : 'other']))
    : {}
  return {
    at: new Date(now).toISOString(), version: readVersion(import.meta.dirname), mode, node: process.version, versions: process.versions, platform: process.platform, release: release(), arch: arch(),
    memory: { total: totalmem(), free: freemem() }, free: existsSync(data) ? new LiveDisk(data).free() : null, data: sizes(data), world: sizes(join(data, mode)), backups: Object.keys(sizes(join(data, mode, 'backup')))
  }
}

async function ask(data: string, name: string): Promise<unknown> {
  const said = await askLocal(data, name, {}, AbortSignal.timeout(ASK_MS)).catch((thrown: unknown) => {
    if (Fault.from(thrown).code === 'door.no-station') return askLedger(data, name, {})
    throw thrown
  })
  return said === null ? { missing: 'no ledger' } : said.ok ? said.value : { missing: said.fault }
}

function withLedger<T>(data: string, mode: Mode, work: (db: Database) => T): T {
  using db = new LiveSql().open(ledgerPath(data, mode), { readonly: true })
  return work(db)
}

function countsOf(db: Database): object {
  const tables = db.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'alias_search%' ORDER BY name").map(row => row.name)
  const pragma = (name: string): unknown => Object.values(db.all(`PRAGMA ${name}`)[0] ?? {})[0]
  return {
    version: pragma('user_version'), pages: pragma('page_count'), pageSize: pragma('page_size'), freePages: pragma('freelist_count'), journal: pragma('journal_mode'),
    rows: Object.fromEntries(tables.map(name => [name, db.all<{ n: number }>(`SELECT count(*) AS n FROM "${name}"`)[0]?.n ?? 0])),
    counters: db.all('SELECT name, value FROM counter ORDER BY name'), stages: db.all('SELECT stage, count(*) AS n FROM job GROUP BY stage'),
    destinations: db.all('SELECT * FROM destination'), aside: db.all('SELECT destination, seq, at, fault FROM aside ORDER BY at DESC LIMIT 100')
  }
}

function lastFaults(db: Database): object {
  const idOf = (unit: number): string | null => db.all<{ text: string }>('SELECT text FROM id WHERE n = ?', [unit])[0]?.text ?? null
  return db.all<{ seq: number; at: number; unit: string | number | null; kind: string; fault: string }>(
    "SELECT seq, at, unit, kind, json_extract(body, '$.fault') AS fault FROM fact WHERE json_extract(body, '$.fault') IS NOT NULL ORDER BY seq DESC LIMIT ?", [FAULTS_MAX])
    .map(({ at, unit, fault, ...row }) => {
      const view = JSON.parse(fault) as { readonly code: keyof typeof FAULTS; readonly context: object } // written by the ledger
      return { ...row, unit: typeof unit === 'number' ? idOf(unit) : unit, at: new Date(at).toISOString(), ...view, title: FAULTS[view.code]?.title.en ?? '' }
    })
}

function schemaOf(db: Database): string {
  return db.all<{ sql: string }>('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name').map(row => `${row.sql};\n`).join('')
}

/** The newest lines, also of the file before this one. */
function logTail(data: string): string {
  const texts = ['station.log.1', 'station.log'].map(name => join(data, 'log', name)).filter(path => existsSync(path)).map(path => readFileSync(path, 'utf8'))
  const whole = texts.join('')
  const tail = whole.slice(-LOG_BYTES_MAX)
  return tail.length === whole.length ? whole : tail.slice(tail.indexOf('\n') + 1)
}

const plain = (_key: string, value: unknown): unknown => typeof value === 'bigint' ? String(value) : value
