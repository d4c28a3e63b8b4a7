/**
 * `unbindery bench-net up|down|status`: the small program that runs as root, so that the station needs not. Ends with 0, 1
 * for a fault or for a `status` that is not up, 2 for words it does not know.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { seconds } from '#shared'
import { BenchGateway, type BenchGatewayView } from './bench/gateway.ts'
import { withDeadline } from './bench/clockwork.ts'
import { configuredGateway, loadConfig, splitCidr, type Config } from './config.ts'
import { readConfig, withSystemConfig } from './config-file.ts'
import { Fault } from './domain/fault.ts'
import { LiveClock } from './live/clock.ts'
import { LiveDisk } from './live/disk.ts'
import { LiveNet } from './live/net.ts'
import { LiveProc } from './live/proc.ts'
import { holdLock } from './live/sqlite.ts'
import { parseOptions } from './options.ts'
import { inWords } from './words-of-faults.ts'

const USAGE = `unbindery bench-net up|down|status [--json] [--state FILE] [--config FILE] [--KEY VALUE]

  up       sets up what the configuration asks for (dhcp.router): the card's address, rules, forwarding and DNS when the
           station is the router; a route for the station's own checks when another box is
  down     takes down exactly what 'up' has made, also after a crash
  status   what is there, what is missing, what stands in the way

It remembers what it has changed in /run/unbindery/bench-net.json, or in the file named with --state.
`
const STATE = '/run/unbindery/bench-net.json'
const DEADLINE = seconds(60)
const VERBS = ['up', 'down', 'status'] as const
type Verb = (typeof VERBS)[number]
/** For those who may only look, where nothing was ever set up. */
const NOTHING_YET = { read: () => null, writeAtomic: () => undefined, remove: () => undefined }

export async function benchNet(words: readonly string[]): Promise<number> {
  const [first, ...more] = words
  const verb = VERBS.find(v => v === first)
  if (verb === undefined) {
    (first === '--help' ? process.stdout : process.stderr).write(USAGE)
    return first === '--help' ? 0 : 2
  }
  try {
    const { rest, isJson, state } = takeOwnWords(more)
    if (verb !== 'status' && process.getuid?.() !== 0) throw new Fault('net.gateway-failed', { text: 'this needs root', line: `sudo unbindery bench-net ${words.join(' ')}` })
    const clock = new LiveClock()
    const gateway = openGateway(verb, configOf(verb, rest), state, clock)
    using _alone = verb === 'status' ? null : beAlone(state)
    return await withDeadline(clock, DEADLINE, 'net.gateway-failed', {}, signal => answer(gateway, verb, isJson, signal), new AbortController().signal)
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n`)
    return 1
  }
}

async function answer(gateway: BenchGateway, verb: Verb, isJson: boolean, signal: AbortSignal): Promise<number> {
  if (verb === 'up') await gateway.up(signal)
  if (verb === 'down') await gateway.down(signal)
  const view = await gateway.view(signal)
  if (verb === 'down' && !isJson) process.stdout.write('taken down: nothing of ours is left\n')
  else process.stdout.write(isJson ? `${JSON.stringify(view, null, 2)}\n` : viewText(view))
  return verb === 'status' && !view.isUp ? 1 : 0
}

/** What is taken down stands in the state file; a broken configuration must not hold it up. */
function configOf(verb: Verb, words: readonly string[]): Config {
  const options = withSystemConfig(parseOptions(words, process.env))
  if (verb === 'down') return loadConfig({ file: null, text: null, env: {}, flags: {} })
  const config = readConfig(options, process.env)
  if (config['bench.card'] === '' && verb === 'up') throw new Fault('config.invalid', { complaints: 'bench.card: the name of the bench card is needed, in the configuration or as --bench.card CARD' })
  return config
}

function openGateway(verb: Verb, config: Config, state: string, clock: LiveClock): BenchGateway {
  const folder = dirname(state)
  if (verb !== 'status') mkdirSync(folder, { recursive: true, mode: 0o755 }) // who only looks leaves nothing behind
  const disk = existsSync(folder) ? new LiveDisk(folder) : NOTHING_YET
  return new BenchGateway({ clock, net: new LiveNet(), proc: new LiveProc(), disk }, {
    card: config['bench.card'], ...splitCidr(config['bench.address']), gateway: configuredGateway(config), upstream: config['gateway.upstream'],
    open: config['gateway.open'], servers: config['gateway.servers'], folder, stateName: basename(state)
  })
}

/** Two at a time would each take down what the other has just made. The lock ends with the process, however it ends. */
function beAlone(state: string): Disposable {
  try {
    return holdLock(state)
  } catch (thrown) {
    const fault = Fault.from(thrown)
    throw fault.code === 'ledger.second-instance' ? new Fault('net.gateway-failed', { text: 'another bench-net is at work; wait for its end' }, thrown) : fault
  }
}

function takeOwnWords(words: readonly string[]): { readonly rest: readonly string[]; readonly isJson: boolean; readonly state: string } {
  const rest = words.filter(word => word !== '--json')
  const at = rest.findIndex(word => word === '--state' || word.startsWith('--state='))
  if (at < 0) return { rest, isJson: rest.length < words.length, state: STATE }
  const [taken = ''] = rest.splice(at, 1)
  const state = taken.includes('=') ? taken.slice('--state='.length) : rest.splice(at, 1)[0]
  if (state === undefined || state === '') throw new Fault('config.invalid', { complaints: '--state: needs a file' })
  return { rest, isJson: words.includes('--json'), state: resolve(state) }
}

function viewText(view: BenchGatewayView): string {
  const way = { station: 'the station is the router', router: 'a router on the bench switch', none: 'units are told no router' }[view.way]
  const isEmpty = view.changes.length === 0
  return [
    isEmpty ? `nothing is set up; configured: ${way}` : `way out: ${way}; ${view.isUp ? 'up' : 'not up'}`,
    ...view.changes.map(c => `  ours     ${c.what}${c.isThere === true ? '' : c.isThere === null ? ' (only root may look)' : ': GONE'}`),
    ...view.missing.map(what => `  missing  ${what}`),
    ...view.obstacles.map(what => `  in the way  ${what}`),
    ...(view.wanting === null ? [] : [`  first    ${view.wanting}`]),
    ...(view.fault ? [inWords(new Fault(view.fault.code, view.fault.context))] : []),
    ...(isEmpty ? ['  to set it up: sudo unbindery bench-net up'] : []),
    ''
  ].join('\n')
}
