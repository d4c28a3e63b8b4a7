/**
 * From a command line to a running station, for both hosts: reads the configuration, takes the live ports or those of
 * the training bench, builds the station and its local socket. Whatever fails closes again what was open.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Mode } from '#shared'
import { readAccess, type Access } from './access.ts'
import { Log, type LogLine } from './bench/log.ts'
import { loadConfig, type Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Gate } from './gate/gate.ts'
import { serveLocal } from './hosts/local.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LogFile } from './live/log-file.ts'
import { LiveNet } from './live/net.ts'
import { LiveProc } from './live/proc.ts'
import { LiveSecrets } from './live/secrets.ts'
import { LiveSerial } from './live/serial.ts'
import { holdLock, LiveSql } from './live/sqlite.ts'
import { LiveWeb } from './live/web.ts'
import type { Options } from './options.ts'
import type { Ports, Screens } from './ports.ts'
import { createStation, ledgerPath } from './station.ts'

export interface OpenStation extends AsyncDisposable {
  readonly gate: Gate
  readonly mode: Mode
  readonly log: Log
  readonly entropy: LiveEntropy
}

export interface Host { readonly screens: Screens; readonly version: string; readonly env: NodeJS.ProcessEnv }

export async function openStation(options: Options, host: Host): Promise<OpenStation> {
  const config = readConfig(options, host.env)
  const { mode } = config
  refuseLostConfig(options, mode, host.env)
  await using opened = new AsyncDisposableStack()
  const disk = new LiveDisk(options.data)
  makeFolder(join(options.data, mode))
  opened.use(holdLock(join(options.data, 'station'))) // one station a folder, in whatever mode
  const file = opened.use(new LogFile(options.data))
  const clock = new LiveClock()
  const log = new Log(line => tell(file, line), () => clock.now())
  const entropy = new LiveEntropy()
  const setUp = mode === 'training'
    ? await setUpTraining(options, config, { clock, entropy, disk, log })
    : setUpLive(config, host, { clock, entropy, disk })
  opened.defer(() => setUp.close())
  const station = await createStation(setUp.ports, setUp.config, { dataDir: options.data, log, version: host.version, access: setUp.access })
  opened.defer(() => station.close())
  opened.use(await serveLocal(station.gate, options.data))
  setUp.start(station.gate)
  log.info('station open', { mode, version: host.version })
  const closing = opened.move()
  return { gate: station.gate, mode, log, entropy, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

/** Ports, configuration and access of one world, and what happens once its station stands. */
interface SetUp { readonly ports: Ports; readonly config: Config; readonly access: Access; start(gate: Gate): void; close(): Promise<void> }
interface Machine { readonly clock: LiveClock; readonly entropy: LiveEntropy; readonly disk: LiveDisk }

function setUpLive(config: Config, host: Host, { clock, entropy, disk }: Machine): SetUp {
  const access = readAccess(config, { env: host.env, file: readSecretFile })
  const web = new LiveWeb()
  const ports: Ports = {
    clock, entropy, net: new LiveNet(), serial: new LiveSerial(), web, sql: new LiveSql(), disk,
    proc: new LiveProc(), secrets: new LiveSecrets(disk, host.env), screens: host.screens
  }
  return { ports, config, access, start: () => undefined, close: () => web[Symbol.asyncDispose]() }
}

/** The virtual world is loaded in training only. */
async function setUpTraining(options: Options, config: Config, { clock, entropy, disk, log }: Machine & { readonly log: Log }): Promise<SetUp> {
  const { createTraining } = await import('./training.ts')
  const seed = options.seed ?? new DataView(entropy.bytes(4).buffer).getUint32(0)
  log.info('training bench', { seed })
  return createTraining({ dataDir: options.data, sql: new LiveSql(), disk, log, config, now: clock.now(), seed })
}

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

function readSecretFile(path: string): { readonly text: string; readonly mode: number } | null {
  try {
    return { text: readFileSync(path, 'utf8'), mode: process.platform === 'win32' ? 0o600 : statSync(path).mode & 0o777 } // Windows has no such bits
  } catch {
    return null
  }
}

function readConfig(options: Options, env: NodeJS.ProcessEnv): Config {
  if (options.config === null) return loadConfig({ file: null, text: null, env, flags: options.flags })
  let text: string
  try {
    text = readFileSync(options.config, 'utf8')
  } catch (thrown) {
    throw new Fault('config.invalid', { complaints: existsSync(options.config) ? `${options.config}: cannot be read` : `${options.config}: there is no such file` }, thrown)
  }
  return loadConfig({ file: options.config, text, env, flags: options.flags })
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
