/**
 * From a command line to a running station, for both hosts: reads the configuration, takes the live ports or those of
 * the training bench, builds the station and its local socket. Whatever fails closes again what was open.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mode } from '#shared'
import { readAccess, type Access } from './access.ts'
import { Log, type LogLine } from './bench/log.ts'
import { splitCidr, type Config, type OwnSettings } from './config.ts'
import { configReader, readSecretFile } from './config-file.ts'
import { readDecoder } from './decoder.ts'
import { isInSubnet } from './domain/address.ts'
import { Fault } from './domain/fault.ts'
import { readFont } from './font.ts'
import type { Gate } from './gate/gate.ts'
import type { Trainer } from './gate/training-answers.ts'
import { serveLocal } from './hosts/local.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LogFile } from './live/log-file.ts'
import { LiveNet } from './live/net.ts'
import { LiveProc } from './live/proc.ts'
import { ReaderThread } from './live/reader-thread.ts'
import { LiveSecrets } from './live/secrets.ts'
import { LiveSerial } from './live/serial.ts'
import { holdLock, LiveSql } from './live/sqlite.ts'
import { SnmpSwitch } from './live/switch.ts'
import { LiveWeb } from './live/web.ts'
import type { Options } from './options.ts'
import type { Ports, Screens, Secrets } from './ports.ts'
import { ledgerPath } from './records.ts'
import type { Simulate } from './proving.ts'
import { readOwnSettings, type OwnConfig } from './settings-desk.ts'
import { createStation, type Station } from './station.ts'

export interface OpenStation extends AsyncDisposable {
  readonly gate: Gate
  readonly mode: Mode
  readonly log: Log
  readonly entropy: LiveEntropy
}

export interface Host { readonly screens: Screens; readonly version: string; readonly env: NodeJS.ProcessEnv; readonly vault?: Secrets | null }

export async function openStation(options: Options, host: Host): Promise<OpenStation> {
  const load = configReader(options, host.env)
  const { mode } = load({}).config
  refuseLostConfig(options, mode, host.env)
  await using opened = new AsyncDisposableStack()
  const disk = new LiveDisk(options.data)
  makeFolder(join(options.data, mode))
  opened.use(holdLock(join(options.data, 'station'))) // one station a folder, in whatever mode
  const file = opened.use(new LogFile(options.data))
  const clock = new LiveClock()
  const log = new Log(line => tell(file, line), () => clock.now())
  const entropy = new LiveEntropy()
  const machine = { clock, entropy, disk, log }
  const wished = mode === 'training' ? {} : readOwnSettings(new LiveSql(), ledgerPath(options.data, mode)) // training begins a new ledger each time
  const { own, setUp } = await setUpWithOwn({ load, file: options.config }, wished, log, config => mode === 'training' ? setUpTraining(options, config, machine) : setUpLive(config, host, machine))
  opened.defer(() => setUp.close())
  const station = await createStation(setUp.ports, setUp.config, { dataDir: options.data, log, version: host.version, access: setUp.access, transports: readResource('transports.json'), font: readFont, decoder: readDecoder, folders: path => new LiveDisk(path), own, simulate: simulator(machine, host.version), ...setUp.trainer === undefined ? {} : { trainer: setUp.trainer } })
  opened.defer(() => station.close())
  opened.use(await serveLocal(station.gate, options.data))
  setUp.start(station)
  log.info('station open', { mode, version: host.version })
  const closing = opened.move()
  return { gate: station.gate, mode, log, entropy, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

/** Ports, configuration and access of one world, and what happens once its station stands. */
interface SetUp { readonly ports: Ports; readonly config: Config; readonly access: Access; readonly trainer?: Trainer; start(station: Station): void; close(): Promise<void> }
interface Machine { readonly clock: LiveClock; readonly entropy: LiveEntropy; readonly disk: LiveDisk; readonly log: Log }

/** What was set at the station is tried first; a start that fails with it is made without it, so that somebody can put it right. */
async function setUpWithOwn({ load, file }: Pick<OwnConfig, 'load' | 'file'>, wished: OwnSettings, log: Log, setUp: (config: Config) => Promise<SetUp>): Promise<{ readonly own: OwnConfig; readonly setUp: SetUp }> {
  const attempt = async (own: OwnSettings, fault: Fault | null) => {
    const loaded = load(own)
    return { own: { file, loaded, load, fault: fault?.toView() ?? null }, setUp: await setUp(loaded.config) }
  }
  if (Object.keys(wished).length === 0) return await attempt({}, null)
  try {
    return await attempt(wished, null)
  } catch (thrown) {
    const { code, context } = Fault.from(thrown)
    if (code !== 'config.invalid') throw thrown
    const fault = new Fault('setting.left-out', { complaints: String(context['complaints']) })
    log.error('started without the settings of the station', { ...fault.context })
    return await attempt({}, fault)
  }
}

/** The virtual world is loaded when somebody asks for a unit of it. */
function simulator({ clock, entropy }: Machine, version: string): Simulate {
  return async signal => {
    const { simulateUnit } = await import('./simulated-unit.ts')
    return await simulateUnit({ memory: { open: () => new LiveSql().open(':memory:') }, seed: new DataView(entropy.bytes(4).buffer).getUint32(0), now: clock.now(), version, signal })
  }
}

async function setUpLive(config: Config, host: Host, { clock, entropy, disk }: Machine): Promise<SetUp> {
  const access = readAccess(config, { env: host.env, file: readSecretFile })
  const way = wayToWeb(config)
  const reader = new ReaderThread(readerScript())
  const press = new ReaderThread(readerScript(), PRESS_MS) // its own thread: a long check of the file holds no paper up
  const web = new LiveWeb({ ...way, ...access.pinned === undefined ? {} : { pinned: access.pinned } })
  const ports: Ports = {
    clock, entropy, net: new LiveNet(), serial: new LiveSerial(), web, sql: new LiveSql(), disk,
    proc: new LiveProc(), secrets: new LiveSecrets(disk, host.env), ...host.vault ? { vault: host.vault } : {}, screens: host.screens, switch: openSwitch(config, access), reader, press
  }
  return { ports, config, access, start: () => undefined, close: async () => { await Promise.all([web[Symbol.asyncDispose](), reader[Symbol.asyncDispose](), press[Symbol.asyncDispose]()]) } }
}

/** Built, it lies beside this file; from source, it is TypeScript. */
function readerScript(): string {
  const built = join(import.meta.dirname, 'reader.js')
  return existsSync(built) ? built : join(import.meta.dirname, 'reader.ts')
}

/** Asked from the bench address when it hangs on the bench itself. */
function openSwitch(config: Config, access: Access): SnmpSwitch | null {
  const address = config['switch.address']
  const bench = splitCidr(config['bench.address'])
  if (address === '') return null
  return new SnmpSwitch({ address, community: access.community?.reveal() ?? '', ...(isInSubnet(address, bench) ? { from: bench.address } : {}) })
}

/** Proxy and private certificate authority. Faults: `config.invalid` when its file cannot be read. */
function wayToWeb(config: Config): { readonly proxy?: string; readonly trusted?: string } {
  const [proxy, path] = [config['cloud.proxy'], config['cloud.caFile']]
  let trusted: string | null = null
  try {
    trusted = path === '' ? null : readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new Fault('config.invalid', { complaints: `cloud.caFile: ${path} cannot be read` }, thrown)
  }
  return { ...proxy === '' ? {} : { proxy }, ...trusted === null ? {} : { trusted } }
}

/** The virtual world is loaded in training only. */
async function setUpTraining(options: Options, config: Config, { clock, entropy, disk, log }: Machine): Promise<SetUp> {
  const { createTraining } = await import('./training.ts')
  const seed = options.seed ?? new DataView(entropy.bytes(4).buffer).getUint32(0)
  log.info('training bench', { seed })
  const made = await createTraining({ dataDir: options.data, sql: new LiveSql(), disk, log, config, now: clock.now(), seed })
  const press = new ReaderThread(readerScript(), PRESS_MS)
  return { ...made, ports: { ...made.ports, press }, close: async () => { await Promise.all([made.close(), press[Symbol.asyncDispose]()]) } }
}

/** For one paper or picture: a picture made to be slow takes half a minute and more, an honest one of 16 megapixels two seconds. */
const PRESS_MS = 15_000

/** A folder that was ever live does not start in training because a file went missing; whoever wants that says so. */
function refuseLostConfig(options: Options, mode: Mode, env: NodeJS.ProcessEnv): void {
  const isAsked = options.config !== null || options.flags['mode'] !== undefined || env['UNBINDERY_MODE'] !== undefined
  if (mode === 'training' && !isAsked && existsSync(ledgerPath(options.data, 'live'))) throw new Fault('config.lost', { data: options.data })
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (thrown) {
    throw new Fault('ledger.cannot-open', { path, reason: String(thrown) }, thrown)
  }
}

/** Beside the program, so that a key that is learnt one day needs no new build; null: the one that was built in. */
function readResource(name: string): string | null {
  try {
    return readFileSync(join(import.meta.dirname, '..', '..', 'resources', name), 'utf8')
  } catch {
    return null
  }
}

/** Everything to the file; what somebody must act on also to the terminal. */
function tell(file: LogFile, line: LogLine): void {
  if (line.level !== 'debug') file.write({ ...line, at: new Date(line.at).toISOString() })
  if (line.level === 'error') process.stderr.write(`${line.text} ${JSON.stringify(line.fields).slice(0, 500)}\n`)
}

/** The version in package.json, two folders above both `src/main` and `out/main`. */
export function readVersion(mainDir: string): string {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(mainDir, '..', '..', 'package.json'), 'utf8'))
    return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : 'unknown'
  } catch {
    return 'unknown'
  }
}
