/**
 * Every setting, declared once: key with its unit, type, default, range, one line why. Order: defaults, file, environment
 * (`UNBINDERY_DHCP_LEASESECONDS`), flags (`--dhcp.leaseSeconds 600`). All complaints are reported together. Secrets never
 * stand in the file: an account or network names the environment variable or the file of mode 600 that holds its secret.
 */
import * as v from 'valibot'
import { MODES, type Mode } from '#shared'
import { Fault } from './domain/fault.ts'

type Kind = 'text' | 'whole' | 'choice' | 'list'
export interface Setting<T> { readonly kind: Kind; readonly value: T; readonly range: string; readonly check: (value: unknown) => value is T; readonly why: string }

const isText = (pattern: RegExp) => (x: unknown): x is string => typeof x === 'string' && pattern.test(x)
const text = (value: string, pattern: RegExp, range: string, why: string): Setting<string> => ({ kind: 'text', value, range, check: isText(pattern), why })
const whole = (value: number, min: number, max: number, why: string): Setting<number> =>
  ({ kind: 'whole', value, range: `${min} to ${max}`, check: (x): x is number => typeof x === 'number' && Number.isInteger(x) && x >= min && x <= max, why })
const choice = <T extends string>(value: T, values: readonly T[], why: string): Setting<T> =>
  ({ kind: 'choice', value, range: values.join(' or '), check: (x): x is T => values.some(y => y === x), why })
const list = <T>(schema: v.GenericSchema<T>, range: string, why: string): Setting<readonly T[]> =>
  ({ kind: 'list', value: [], range, check: (x): x is readonly T[] => v.is(v.pipe(v.array(schema), v.maxLength(64)), x), why })

const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const IPV4 = new RegExp(`^(${OCTET}\\.){3}${OCTET}$`)
const CIDR = new RegExp(`^(${OCTET}\\.){3}${OCTET}/(1[6-9]|2\\d|30)$`)
const URL_OR_EMPTY = /^(https?:\/\/[^\s]{1,200})?$/
const name = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))

const accountSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/)),
  clientId: name(64),
  secretEnv: v.optional(name(64)),
  secretFile: v.optional(name(4096)),
  baseUrl: v.optional(v.pipe(v.string(), v.url())),
  region: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))),
  assetId: v.optional(name(64)),
  products: v.optional(v.array(name(64)))
})
const wifiSchema = v.strictObject({ ssid: name(32), passwordEnv: v.optional(name(64)), passwordFile: v.optional(name(4096)) })
export type AccountConfig = v.InferOutput<typeof accountSchema>
export type WifiConfig = v.InferOutput<typeof wifiSchema>

export const SETTINGS = {
  'mode': choice<Mode>('training', MODES, 'live works on real cards and the real cloud; training on the virtual bench, with its own ledger and signing key.'),
  'bench.card': text('', /^[\w.:-]{0,32}$/, 'a card name, or empty', 'The network card of the bench switch, and only of it.'),
  'bench.address': text('10.77.0.1/24', CIDR, 'IPv4/16 to /30', 'The address of that card; units get theirs from the same net.'),
  'bench.lanes': whole(8, 1, 48, 'How many places the bench has (labels P01 to P48).'),
  'bench.rack': text('R1', /^[\w-]{1,16}$/, '1 to 16 letters, digits, -', 'The name of this rack, for waves and for the rack display.'),
  'dhcp.poolStart': text('10.77.0.20', IPV4, 'an IPv4 address', 'First address lent to units.'),
  'dhcp.poolEnd': text('10.77.0.219', IPV4, 'an IPv4 address', 'Last address lent to units.'),
  'dhcp.leaseSeconds': whole(600, 60, 86_400, 'Short, so that a taken-out unit gives its address back within a shift.'),
  'dhcp.router': text('', new RegExp(`^$|${IPV4.source}`), 'an IPv4 address, or empty', 'Gateway told to units: they reach the cloud through it. Empty: none is told.'),
  'dhcp.dns': list(v.pipe(v.string(), v.regex(IPV4)), 'IPv4 addresses', 'Name servers told to units.'),
  'dhcp.probeSeconds': whole(5, 1, 30, 'How long another DHCP server is listened for before ours answers; home routers take 3 s.'),
  'lan.take': choice('all', ['all', 'scanned'], 'all: every unit on the bench is released. scanned: only units somebody scanned.'),
  'lan.askSeconds': whole(6, 1, 60, 'Newest firmware announces itself only when asked; every 6 s is what the vendor app does.'),
  'lan.goneSeconds': whole(45, 10, 600, 'Silence after which a unit counts as gone.'),
  'lan.claimSeconds': whole(20, 5, 120, 'Scan, then plug: the first new unit within this time belongs to the scan.'),
  'job.resetSeconds': whole(600, 30, 7200, 'How long hands may take to reset a unit before its job is closed.'),
  'job.proofSeconds': whole(0, 0, 3600, 'How long proof is waited for after the ask; 0: by the product (100 s and twice its reboot).'),
  'wave.settleSeconds': whole(90, 10, 900, 'How long results are waited for after the code has gone.'),
  'cloud.baseUrl': text('', URL_OR_EMPTY, 'http(s) URL, or empty', 'Data centre of accounts that name none; a proxy, private cloud or `npm run cloud`.'),
  'cloud.deadlineSeconds': whole(10, 1, 60, 'For one whole exchange with the cloud.'),
  'cloud.pollSeconds': whole(3, 1, 60, 'How often results are asked for while units wait for them.'),
  'quota.accountPerDay': whole(100, 1, 100_000, 'Unbinds an account may do in 24 h; the vendor raises it on a ticket.'),
  'quota.productPerDay': whole(100, 1, 100_000, 'Unbinds of one product in 24 h; the vendor raises it on a ticket.'),
  'quota.seatsPerToken': whole(30, 1, 30, 'Units on one token or QR code.'),
  'sync.baseUrl': text('', URL_OR_EMPTY, 'http(s) URL, or empty', 'Where history is delivered (POST /v1/events). Empty: it stays on the station.'),
  'accounts': list(accountSchema, 'objects: id, clientId, secretEnv or secretFile; baseUrl, region, assetId, products', 'Cloud accounts that may unbind; `products` empty means the cloud decides.'),
  'wifi': list(wifiSchema, 'objects: ssid, passwordEnv or passwordFile', 'Bench networks for QR waves; an open network names neither.')
} as const

type Table = typeof SETTINGS
export type Config = { readonly [K in keyof Table]: Table[K] extends Setting<infer T> ? T : never }
export type ConfigKey = keyof Table

export interface ConfigSources {
  /** Only for words in complaints. */
  readonly file: string | null
  readonly text: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags: Readonly<Record<string, string>>
}

const FILE_BYTES_MAX = 256 * 1024

/** Faults: `config.invalid` with `complaints`, one line for each key, all at once. */
export function loadConfig(sources: ConfigSources): Config {
  const complaints: string[] = []
  const found = new Map<string, unknown>()
  for (const [key, value] of readFile(sources, complaints)) found.set(key, value)
  for (const key of Object.keys(SETTINGS)) {
    const given = sources.env[`UNBINDERY_${key.replaceAll('.', '_').toUpperCase()}`]
    if (given !== undefined) found.set(key, fromText(key, given))
  }
  for (const [key, value] of Object.entries(sources.flags)) found.set(key, fromText(key, value))
  const values: Record<string, unknown> = Object.fromEntries(Object.entries(SETTINGS).map(([key, s]) => [key, s.value]))
  for (const [key, value] of found) {
    const setting = settingOf(key)
    if (!setting) complaints.push(`${key}: no such setting`)
    else if (!setting.check(value)) complaints.push(`${key}: ${setting.kind === 'list' ? 'what is given' : show(value)} is not allowed; ${setting.range}`) // a list may hold a secret that does not belong there
    else values[key] = value
  }
  const config = values as Config // each value has passed its own check, or is the default
  if (complaints.length === 0) complaints.push(...assessWhole(config))
  if (complaints.length > 0) throw new Fault('config.invalid', { complaints: complaints.join('\n') })
  return config
}

/** The README's table of settings. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([key, s]) => `| \`${key}\` | ${Array.isArray(s.value) ? 'none' : s.value === '' ? 'empty' : `\`${String(s.value)}\``} | ${s.range} | ${s.why} |`)
  return ['| key | default | allowed | why |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** What only shows when keys are read together. */
function assessWhole(config: Config): string[] {
  const complaints: string[] = []
  const { start, end } = subnetOf(config['bench.address'])
  const [first, last] = [ipNumber(config['dhcp.poolStart']), ipNumber(config['dhcp.poolEnd'])]
  if (first <= start || last >= end) complaints.push(`dhcp.poolStart, dhcp.poolEnd: the pool lies outside the net of bench.address ${config['bench.address']}`)
  if (first > last) complaints.push('dhcp.poolStart: comes after dhcp.poolEnd')
  if (config.mode === 'live' && config['bench.card'] === '') complaints.push('bench.card: a live bench needs the name of its card')
  for (const account of config.accounts) {
    if (config.mode === 'live' && account.secretEnv === undefined && account.secretFile === undefined) complaints.push(`accounts: ${account.id} names neither secretEnv nor secretFile`)
    if (config.mode === 'live' && account.baseUrl === undefined && config['cloud.baseUrl'] === '') complaints.push(`accounts: ${account.id} has no baseUrl and cloud.baseUrl is empty`)
  }
  if (new Set(config.accounts.map(a => a.id)).size < config.accounts.length) complaints.push('accounts: two have the same id')
  return complaints
}

function readFile(sources: ConfigSources, complaints: string[]): [string, unknown][] {
  if (sources.text === null) return []
  if (sources.text.length > FILE_BYTES_MAX) {
    complaints.push(`${sources.file ?? 'file'}: larger than ${FILE_BYTES_MAX} bytes`)
    return []
  }
  try {
    const parsed: unknown = JSON.parse(sources.text)
    if (isObject(parsed)) return flatten(parsed, '')
    complaints.push(`${sources.file ?? 'file'}: must hold one JSON object`)
  } catch (thrown) {
    complaints.push(`${sources.file ?? 'file'}: is not JSON (${thrown instanceof Error ? thrown.message.slice(0, 120) : ''})`)
  }
  return []
}

function flatten(object: Readonly<Record<string, unknown>>, prefix: string): [string, unknown][] {
  return Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    const whole = prefix === '' ? key : `${prefix}.${key}`
    return isObject(value) && settingOf(whole) === null && prefix === '' ? flatten(value, whole) : [[whole, value]]
  })
}

function fromText(key: string, given: string): unknown {
  const kind = settingOf(key)?.kind
  if (kind === 'whole') return /^-?\d{1,15}$/.test(given) ? Number(given) : given
  if (kind !== 'list') return given
  try { return JSON.parse(given) as unknown } catch { return given }
}

function settingOf(key: string): Setting<unknown> | null {
  return Object.hasOwn(SETTINGS, key) ? SETTINGS[key as ConfigKey] : null // hasOwn has just said so
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x)
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? 'nothing'
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown
}

function ipNumber(address: string): number {
  return address.split('.').reduce((n, part) => n * 256 + Number(part), 0)
}

function subnetOf(cidr: string): { start: number; end: number } {
  const [address = '', prefix = '24'] = cidr.split('/')
  const size = 2 ** (32 - Number(prefix))
  const start = Math.floor(ipNumber(address) / size) * size
  return { start, end: start + size - 1 }
}

/** '10.77.0.1/24' in its two parts. */
export function splitCidr(cidr: string): { address: string; prefix: number } {
  const [address = '', prefix = '24'] = cidr.split('/')
  return { address, prefix: Number(prefix) }
}
