/**
 * Every setting, declared once: key with its unit, type, default, range, one line why. Order: defaults, file, what an admin
 * set at the station, environment (`UNBINDERY_DHCP_LEASESECONDS`), flags (`--dhcp.leaseSeconds 600`). All complaints are reported together. Secrets never
 * stand in the file: an account or network names the environment variable or the file of mode 600 that holds its secret.
 */
import * as v from 'valibot'
import { MODES, type Mode, type SettingOrigin, type SettingValue } from '#shared'
import { RELEASES, SOURCES } from './bench/account-book.ts'
import { VERDICT_FIELDS } from './bench/verdict-row.ts'
import { parseAddress } from './domain/address.ts'
import { Fault } from './domain/fault.ts'
import { gatewayOf, parseNeed, type Gateway } from './domain/gateway.ts'
import type { QuotaRaise } from './domain/quota.ts'
import { FAMILIES } from './wire/cloud-calls.ts'
import { TURNS } from './wire/zpl.ts'

type Kind = 'text' | 'whole' | 'choice' | 'list'
export interface Setting<T> { readonly kind: Kind; /** Of a choice. */ readonly values?: readonly string[]; readonly value: T; readonly range: string; readonly check: (value: unknown) => value is T; readonly why: string }

const isText = (pattern: RegExp) => (x: unknown): x is string => typeof x === 'string' && pattern.test(x)
const text = (value: string, pattern: RegExp, range: string, why: string): Setting<string> => ({ kind: 'text', value, range, check: isText(pattern), why })
const whole = (value: number, min: number, max: number, why: string): Setting<number> =>
  ({ kind: 'whole', value, range: `${min} to ${max}`, check: (x): x is number => typeof x === 'number' && Number.isInteger(x) && x >= min && x <= max, why })
const choice = <T extends string>(value: T, values: readonly T[], why: string): Setting<T> =>
  ({ kind: 'choice', values, value, range: values.join(' or '), check: (x): x is T => values.some(y => y === x), why })
const list = <T>(schema: v.GenericSchema<T>, range: string, why: string): Setting<readonly T[]> =>
  ({ kind: 'list', value: [], range, check: (x): x is readonly T[] => v.is(v.pipe(v.array(schema), v.maxLength(64)), x), why })

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^(${OCTET}\\.){3}${OCTET}$`)
const CIDR = new RegExp(`^(${OCTET}\\.){3}${OCTET}/(1[6-9]|2\\d|30)$`)
const NETWORK = new RegExp(`^(${OCTET}\\.){3}${OCTET}/([89]|[12]\\d|3[0-2])$`)
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
  products: v.optional(v.array(name(64))),
  source: v.optional(v.picklist(SOURCES)),
  release: v.optional(v.picklist(RELEASES)),
  family: v.optional(v.picklist(FAMILIES)),
  uid: v.optional(name(64))
})
const perDay = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))
const raiseSchema = v.union([v.strictObject({ account: name(32), perDay }), v.strictObject({ product: name(64), perDay })])
const staticSchema = v.strictObject({ address: v.pipe(v.string(), v.regex(IPV4)), mac: v.pipe(v.string(), v.regex(/^([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}$/)) })
const switchPortSchema = v.strictObject({ port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)), lane: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(48)) })
const recipeValueSchema = v.strictObject({ product: name(64), name: v.pipe(v.string(), v.regex(/^[a-z][A-Za-z0-9]{0,31}$/)), value: name(64) })
const recipeSecretSchema = v.strictObject({ name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{1,31}\.[a-z][A-Za-z0-9]{0,31}$/)), env: v.optional(name(64)), file: v.optional(name(4096)) })
const wifiSchema = v.strictObject({ ssid: name(32), passwordEnv: v.optional(name(64)), passwordFile: v.optional(name(4096)) })

const destinationName = v.pipe(v.string(), v.regex(/^(?!central$)[\w-]{1,32}$/))
const webhookSchema = v.strictObject({
  name: destinationName, url: v.pipe(v.string(), v.regex(/^https?:\/\/[^\s]{1,200}$/)), tokenEnv: v.optional(name(64)), tokenFile: v.optional(name(4096)), fields: v.optional(v.record(name(64), v.picklist(VERDICT_FIELDS)))
})
const folderSchema = v.strictObject({ name: destinationName, path: name(4096) })

export const SETTINGS = {
  'mode': choice<Mode>('training', MODES, 'live works on real cards and the real cloud; training on the virtual bench, with its own ledger and signing key.'),
  'bench.card': text('', /^[\w.:-]{0,32}$/, 'a card name, or empty', 'The network card of the bench switch, and only of it.'),
  'bench.address': text('10.77.0.1/24', CIDR, 'IPv4/16 to /30', 'The address of that card; units get theirs from the same net.'),
  'bench.lanes': whole(8, 1, 48, 'How many places the bench has (labels P01 to P48).'),
  'bench.layout': list(v.pipe(v.string(), v.regex(/^\d{1,2}( \d{1,2}){0,47}$/)), 'rows such as "1 3 5 7", 0 for a gap', 'Where the lanes are on the real switch, row by row, so that the screen shows them so. None: in order.'),
  'bench.rack': text('R1', /^[\w-]{1,16}$/, '1 to 16 letters, digits, -', 'The name of this rack, for waves and for the rack display.'),
  'dhcp.poolStart': text('10.77.0.20', IPV4, 'an IPv4 address', 'First address lent to units.'),
  'dhcp.poolEnd': text('10.77.0.219', IPV4, 'an IPv4 address', 'Last address lent to units.'),
  'dhcp.leaseSeconds': whole(600, 60, 86_400, 'Short, so that a taken-out unit gives its address back within a shift.'),
  'dhcp.router': text('', new RegExp(`^$|${IPV4.source}`), 'an IPv4 address, or empty', 'Gateway told to units: they reach the cloud through it. Empty: none is told.'),
  'dhcp.dns': list(v.pipe(v.string(), v.regex(IPV4)), 'IPv4 addresses', 'Name servers told to units.'),
  'dhcp.probeSeconds': whole(5, 1, 30, 'How long another DHCP server is listened for before ours answers; home routers take 3 s.'),
  'gateway.upstream': text('', /^[\w.:-]{0,32}$/, 'a card name, or empty', 'Card towards the internet when the station is the router. Empty: the one of the default route.'),
  'gateway.open': list(v.pipe(v.string(), v.regex(NETWORK)), 'IPv4 networks as a.b.c.d/n', 'Private networks units may reach through the station all the same, such as a private cloud.'),
  'gateway.servers': list(v.pipe(v.string(), v.regex(IPV4)), 'IPv4 addresses', 'Where the station as name server asks further. None: where this computer asks.'),
  'wayOut.check': choice('on', ['on', 'off'], 'on: no seat and no token before units can reach DNS, time and the vendor. Training never looks.'),
  'wayOut.hosts': list(v.pipe(v.string(), v.check(x => parseNeed(x) !== null)), 'host:port, alternatives with |', "What units must reach, each entry. None: the vendor's hosts in the regions of the accounts."),
  'wayOut.ntp': { ...list(v.pipe(v.string(), v.regex(/^[\w.-]{1,253}$/)), 'host names', 'Time servers; one of them must answer. An empty list: time is not asked for.'), value: ['pool.ntp.org', 'time.cloudflare.com', 'ntp.aliyun.com'] },
  'lan.take': choice('lanes', ['lanes', 'all', 'scanned'], 'Who gets a token. lanes: scanned units and those on a known lane. all: every unit on the bench. scanned: only scanned ones.'),
  'lan.askSeconds': whole(6, 1, 60, 'Newest firmware announces itself only when asked; every 6 s is what the vendor app does.'),
  'lan.goneSeconds': whole(45, 10, 600, 'Silence after which a unit counts as gone.'),
  'lan.static': list(staticSchema, 'objects: address, mac', 'Units with an address of their own; without a lease from us or a line here a sender never becomes a unit.'),
  'lan.claimSeconds': whole(20, 5, 120, 'Scan, then plug: the first new unit within this time belongs to the scan.'),
  'switch.address': text('', new RegExp(`^$|${IPV4.source}`), 'an IPv4 address, or empty', 'The managed switch of the bench; its forwarding table (SNMP v2c) tells which unit stands on which lane.'),
  'switch.communityEnv': text('', /^\w{0,64}$/, 'a name, or empty', 'The environment variable that holds its read community.'),
  'switch.communityFile': text('', /^[^\n]{0,4096}$/, 'a path, or empty', 'Or the file of mode 600 that holds it.'),
  'switch.ports': list(switchPortSchema, 'objects: port, lane', 'Which port of the switch is which lane, such as {"port": 3, "lane": 1}.'),
  'job.resetSeconds': whole(600, 30, 7200, 'How long hands may take to reset a unit before its job is closed.'),
  'job.proofSeconds': whole(0, 0, 3600, 'How long proof is waited for after the ask; 0: by the product (100 s and twice its reboot).'),
  'rack.panelInches': whole(0, 0, 120, 'Diagonal of the rack display, for the distance planner; 0: what the display tells of itself, else the page asks.'),
  'rack.distanceCm': whole(120, 20, 1000, 'From the display to the cameras. Nearer than 80 cm before 55 inch or more, the code is also shown four times.'),
  'rack.cameraPixels': whole(640, 160, 7680, 'Width of the picture the camera reads codes from; often the small one of its two.'),
  'rack.cameraDegrees': whole(100, 20, 170, 'How wide the camera sees.'),
  'qr.level': choice('L', ['L', 'M', 'Q', 'H'], 'Redundancy buys no distance; L has the largest modules, Q and H break off-axis.'),
  'qr.margin': whole(2, 0, 8, 'White modules round the code; the page is white, so 2 are enough, and bezels are black.'),
  'qr.darkGain': whole(15, 0, 30, 'Percent by which dark modules are widened: blur and bright screens eat dark; past 20 it turns.'),
  'qr.copies': choice('on', ['on', 'off'], 'Four small copies beside the code: near cameras do not see all of the large one.'),
  'qr.cycle': choice('six', ['six', 'still'], 'Six pictures in turn: what a camera cannot read in one level of white it reads in another; a still one is never read later.'),
  'qr.stepMs': whole(1200, 1000, 1500, 'How long each picture stays: two looks of the slowest firmware known.'),
  'qr.tiles': choice('auto', ['auto', 'always', 'never'], 'One more picture with the code four times, for large panels with cameras close to them.'),
  'wave.rotate': choice('never', ['never', 'shift', 'wave'], 'Which network of `wifi` the next code names: the first, another each 8 h, another each wave.'),
  'wave.command': text('', /^[^\0]{0,400}$/, 'a program, or empty', 'Run with the name of the network before a code names it, so that the access point follows.'),
  'wave.settleSeconds': whole(90, 10, 900, 'How long results are waited for after the code has gone.'),
  'cloud.baseUrl': text('', URL_OR_EMPTY, 'http(s) URL, or empty', 'Data centre of accounts that name none; a proxy, private cloud or `npm run cloud`.'),
  'cloud.readsPerSecond': whole(4, 1, 100, 'Asking calls of one cloud project in a second.'),
  'cloud.deletesPerSecond': whole(2, 1, 100, 'Delete, reset and unbind calls of one cloud project in a second.'),
  'cloud.selfTest': choice('refuse', ['refuse', 'warn', 'off'], 'At sign-in each account is asked for each product. refuse: what it denies is refused on the bench. warn: only shown.'),
  'cloud.proxy': text('', URL_OR_EMPTY, 'http(s) URL, or empty', 'HTTP proxy on the way to the cloud and to the receiver of history.'),
  'cloud.caFile': text('', /^[^\0]{0,4096}$/, 'a path, or empty', 'PEM file of a private certificate authority, trusted beside those of the system.'),
  'relay.lifeSeconds': whole(240, 30, 600, 'How long a scanned code of the phone is used; the phone does not tell its life.'),
  'job.firstAlone': choice('on', ['on', 'off'], 'on: live, a product never proven on this station runs one unit at a time until one is.'),
  'cloud.deadlineSeconds': whole(10, 1, 60, 'For one whole exchange with the cloud.'),
  'cloud.pollSeconds': whole(3, 1, 60, 'How often results are asked for while units wait for them.'),
  'quota.accountPerDay': whole(100, 1, 100_000, 'Unbinds an account may do in 24 h; the vendor raises it on a ticket.'),
  'quota.productPerDay': whole(100, 1, 100_000, 'Unbinds of one product in 24 h; the vendor raises it on a ticket.'),
  'quota.raises': list<QuotaRaise>(raiseSchema, 'objects: account or product, perDay', 'What the vendor granted one account or one product on a ticket.'),
  'quota.dayStart': text('', /^(([01]\d|2[0-3]):[0-5]\d)?$/, 'hh:mm in UTC, or empty', "When the vendor's day begins, once it is known. Empty: any 24 hours hold no more than a day may."),
  'quota.returnSeconds': whole(900, 60, 86_400, "After a token's end, until its list counts as whole: a unit it leaves out gives its seat back."),
  'quota.seatsPerToken': whole(30, 1, 30, 'Units on one token or QR code.'),
  'sync.baseUrl': text('', URL_OR_EMPTY, 'http(s) URL, or empty', 'Where history is delivered (POST /v1/events). Empty: it stays on the station.'),
  'sync.certificateFile': text('', /^[^\0]{0,4096}$/, 'a path, or empty', 'The one certificate the receiver may show (PEM), where it is self-made. Empty: that of a public authority.'),
  'sync.webhooks': list(webhookSchema, 'objects: name, url; tokenEnv or tokenFile, fields', 'Where verdicts go as signed JSON; `fields` gives their words for ours.'),
  'sync.folders': list(folderSchema, 'objects: name, path', 'Where verdicts go as CSV files; somebody else empties the folder.'),
  'care.keepDays': { ...whole(180, 0, 3650, 'Facts older than this go into files of the archive, once every destination has had them for 30 days; units and verdicts stay. 0: all stay.'), range: '0, or 30 to 3650', check: (x: unknown): x is number => x === 0 || (typeof x === 'number' && Number.isInteger(x) && x >= 30 && x <= 3650) },
  'care.backupHour': whole(3, 0, 23, 'From this hour of the night on the ledger is copied, as soon as nothing is under way.'),
  'power.wiring': choice('on-when-idle', ['on-when-idle', 'on-when-driven'], 'How lanes hang on their relays. on-when-idle: a unit has power while its relay rests, also when the station is off.'),
  'recipe.values': list(recipeValueSchema, 'objects: product, name, value', 'What a recipe needs to know of one product, such as where its settings lie.'),
  'recipe.secrets': list(recipeSecretSchema, 'objects: name, env or file', 'Passwords recipes type at a console; name: `linux-login.password`.'),
  'printer.address': text('', new RegExp(`^$|^${IPV4.source.slice(1, -1)}(:\\d{1,5})?$`), 'an IPv4 address, with :port, or empty', 'The label printer (ZPL over raw TCP, port 9100). Empty: labels as PDF only. Training has no printer.'),
  'printer.widthMm': whole(50, 40, 110, 'Width of a label as it is read.'),
  'printer.heightMm': whole(30, 25, 150, 'Height of a label as it is read.'),
  'printer.dpi': choice('203', ['203', '300'], 'Resolution of the print head; both stand on the type plate.'),
  'printer.rotate': choice('0', TURNS, 'How far the label is turned clockwise, for rolls that are wider than high.'),
  'printer.copies': whole(1, 1, 3, 'How many of each label; one of them is scanned back.'),
  'accounts': list(accountSchema, 'objects: id, clientId, secretEnv or secretFile; baseUrl, region, assetId, products, source, release, family, uid', 'Cloud accounts that may unbind; `products` empty means the cloud decides.'),
  'wifi': list(wifiSchema, 'objects: ssid, passwordEnv or passwordFile', 'Bench networks for QR waves; an open network names neither.')
} as const

type Table = typeof SETTINGS
export type Config = { readonly [K in keyof Table]: Table[K] extends Setting<infer T> ? T : never }
export type ConfigKey = keyof Table

export interface ConfigSources {
  /** Only for words in complaints. */
  readonly file: string | null
  readonly text: string | null
  /** What people have set at the station: over the file, under the environment. */
  readonly own?: OwnSettings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags: Readonly<Record<string, string>>
}
export type OwnSettings = Readonly<Record<string, SettingValue>>
export interface LoadedConfig { readonly config: Config; readonly origins: Readonly<Record<string, SettingOrigin>> }

const FILE_BYTES_MAX = 256 * 1024

/** Faults: `config.invalid` with `complaints`, one line for each key, all at once. */
export function loadConfig(sources: ConfigSources): Config {
  return loadSettings(sources).config
}

/** The same, and where each value comes from. */
export function loadSettings(sources: ConfigSources): LoadedConfig {
  const complaints: string[] = []
  const found = new Map<string, unknown>()
  const origins: Record<string, SettingOrigin> = {}
  const take = (key: string, value: unknown, origin: SettingOrigin): void => {
    found.set(key, value)
    origins[key] = origin
  }
  for (const [key, value] of readFile(sources, complaints)) take(key, value, 'file')
  for (const [key, value] of Object.entries(sources.own ?? {})) take(key, value, 'station')
  for (const key of Object.keys(SETTINGS)) {
    const given = sources.env[`UNBINDERY_${key.replaceAll('.', '_').toUpperCase()}`]
    if (given !== undefined) take(key, fromText(key, given), 'environment')
  }
  for (const [key, value] of Object.entries(sources.flags)) take(key, fromText(key, value), 'flag')
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
  return { config, origins }
}

/** The README's table of settings. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([key, s]) => `| \`${key}\` | ${typeof s.value === 'object' ? s.value.map(x => `\`${typeof x === 'string' ? x : JSON.stringify(x)}\``).join(' ') || 'none' : s.value === '' ? 'empty' : `\`${s.value}\``} | ${s.range} | ${s.why} |`)
  return ['| key | default | allowed | why |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** What only shows when keys are read together. */
function assessWhole(config: Config): string[] {
  const complaints: string[] = []
  const { start, end } = subnetOf(config['bench.address'])
  const [first, last] = [ipNumber(config['dhcp.poolStart']), ipNumber(config['dhcp.poolEnd'])]
  if (first <= start || last >= end) complaints.push(`dhcp.poolStart, dhcp.poolEnd: the pool lies outside the net of bench.address ${config['bench.address']}`)
  if (first > last) complaints.push('dhcp.poolStart: comes after dhcp.poolEnd')
  const router = config['dhcp.router']
  if (router !== '' && (ipNumber(router) <= start || ipNumber(router) >= end)) complaints.push(`dhcp.router: ${router} lies outside the net of bench.address ${config['bench.address']}; units could not reach it`)
  if (config.mode === 'live' && config['bench.card'] === '') complaints.push('bench.card: a live bench needs the name of its card')
  for (const account of config.accounts) {
    if (config.mode === 'live' && isAsked(account) && account.secretEnv === undefined && account.secretFile === undefined) complaints.push(`accounts: ${account.id} names neither secretEnv nor secretFile`)
    if (config.mode === 'live' && isAsked(account) && account.baseUrl === undefined && config['cloud.baseUrl'] === '') complaints.push(`accounts: ${account.id} has no baseUrl and cloud.baseUrl is empty`)
  }
  if (new Set(config.accounts.map(a => a.id)).size < config.accounts.length) complaints.push('accounts: two have the same id')
  const destinations = [...config['sync.webhooks'], ...config['sync.folders']].map(d => d.name)
  if (new Set(destinations).size < destinations.length) complaints.push('sync.webhooks, sync.folders: two have the same name')
  if (config['sync.certificateFile'] !== '' && !config['sync.baseUrl'].startsWith('https:')) complaints.push('sync.certificateFile: sync.baseUrl must begin with https:')
  if (config['switch.address'] !== '' && (config['switch.communityEnv'] === '') === (config['switch.communityFile'] === '')) complaints.push('switch.communityEnv, switch.communityFile: exactly one of them names the community')
  if (new Set(config['switch.ports'].map(p => p.port)).size < config['switch.ports'].length) complaints.push('switch.ports: a port stands there twice')
  return complaints
}

/** Only an account of the OpenAPI is asked anything; the others need no secret. */
const isAsked = (account: v.InferOutput<typeof accountSchema>): boolean => (account.source ?? 'openapi') === 'openapi'

/** 'hh:mm' as minutes after 00:00 UTC; null: nobody knows. */
export function minutesOf(time: string): number | null {
  const [h = '', m = ''] = time.split(':')
  return time === '' ? null : Number(h) * 60 + Number(m)
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
    complaints.push(`${sources.file ?? 'file'}: is not JSON (${thrown instanceof Error ? thrown.message.replaceAll(/\s+/g, ' ').slice(0, 120) : ''})`)
  }
  return []
}

function flatten(object: Readonly<Record<string, unknown>>, prefix: string): [string, unknown][] {
  return Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    const dotted = prefix === '' ? key : `${prefix}.${key}`
    return isObject(value) && settingOf(dotted) === null && prefix === '' ? flatten(value, dotted) : [[dotted, value]]
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

/** Of an address the schema has let through. */
function ipNumber(address: string): number {
  return parseAddress(address) ?? 0
}

function subnetOf(cidr: string): { start: number; end: number } {
  const [address = '', prefix = '24'] = cidr.split('/')
  const size = 2 ** (32 - Number(prefix))
  const start = Math.floor(ipNumber(address) / size) * size
  return { start, end: start + size - 1 }
}

/** The way out that is told to units. */
export function configuredGateway(config: Config): Gateway {
  return gatewayOf({ address: splitCidr(config['bench.address']).address, router: config['dhcp.router'], dns: config['dhcp.dns'] })
}

/** What to type, as root, to have the way out set up; needs no file. */
export function benchNetLine(config: Config): string {
  const router = config['dhcp.router'] === '' ? splitCidr(config['bench.address']).address : config['dhcp.router']
  const flag = (key: 'dhcp.dns' | 'gateway.open' | 'gateway.servers'): string => config[key].length === 0 ? '' : ` --${key} '${JSON.stringify(config[key])}'`
  const upstream = config['gateway.upstream'] === '' ? '' : ` --gateway.upstream ${config['gateway.upstream']}`
  return `sudo unbindery bench-net up --bench.card ${config['bench.card']} --bench.address ${config['bench.address']} --dhcp.router ${router}${upstream}${flag('dhcp.dns')}${flag('gateway.open')}${flag('gateway.servers')}`
}

/** '10.77.0.1/24' in its two parts. */
export function splitCidr(cidr: string): { address: string; prefix: number } {
  const [address = '', prefix = '24'] = cidr.split('/')
  return { address, prefix: Number(prefix) }
}
