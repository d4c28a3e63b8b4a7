/**
 * `unbindery doctor`: says which right or file a live bench lacks on this computer, and the one line that mends it. Changes
 * nothing. Ends with 0 when nothing is in the way, 1 when something is, 2 for words it does not know.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readAccess } from './access.ts'
import {
  assessBinding, assessCard, assessClock, assessConfig, assessFolder, assessGateway, assessLabels, assessPort, assessPortRights, assessReceiveBuffer, assessSerial, BENCH_PORTS, LOOK_MAX, screensFinding, type Finding
} from './bench/preflight.ts'
import { withDeadline } from './bench/clockwork.ts'
import { openLabelFormats } from './bench/label-book.ts'
import { benchNetLine, configuredGateway, loadConfig, splitCidr, type Config } from './config.ts'
import { readConfig, readSecretFile, withSystemConfig } from './config-file.ts'
import { Fault } from './domain/fault.ts'
import { LiveClock } from './live/clock.ts'
import { firstUnprivilegedPort, folderFacts, holdersOf, isForwarding, isInGroup, isInstalled, mayOpenLowPorts, receiveBytesMax, serialAdapters, userName } from './live/machine.ts'
import { LiveDisk } from './live/disk.ts'
import { LiveNet, readInherited } from './live/net.ts'
import { LiveProc } from './live/proc.ts'
import { loadLinux } from './live/socket-linux.ts'
import { parseOptions, type Options } from './options.ts'
import type { Clock, Net } from './ports.ts'
import { inWords } from './words-of-faults.ts'

const USAGE = `unbindery doctor [--json] [--config FILE] [--data DIR] [--KEY VALUE]

  Says what this computer lacks for a live bench, and the line that mends it. Run it as the user the station runs as.
`
const MARK: Readonly<Record<Finding['state'], string>> = { ok: ' ok ', warn: 'look', bad: 'BAD ' }

export async function doctor(words: readonly string[]): Promise<number> {
  const isJson = words.includes('--json')
  let options: Options
  try {
    options = withSystemConfig(parseOptions(words.filter(word => word !== '--json'), process.env))
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n\n${USAGE}`)
    return 2
  }
  if (options.isHelp) {
    process.stdout.write(USAGE)
    return 0
  }
  const findings = await examine(options)
  const isFit = findings.every(f => f.state !== 'bad')
  process.stdout.write(isJson ? `${JSON.stringify({ isFit, findings }, null, 2)}\n` : findingsText(findings))
  return isFit ? 0 : 1
}

export async function examine(options: Options): Promise<readonly Finding[]> {
  const clock = new LiveClock()
  const { config, complaints } = configOrDefaults(options)
  const linux = loadLinux()
  const net = new LiveNet({ linux })
  const { platform } = process
  const isRoot = process.getuid?.() === 0
  const user = userName()
  const card = { card: config['bench.card'], ...splitCidr(config['bench.address']) }
  const line = benchNetLine(config['bench.card'] === '' ? { ...config, 'bench.card': 'CARD' } : config) // to be filled in, like the configuration
  const { way } = configuredGateway(config)
  const inheritedPorts = [...readInherited(process.env, process.pid).keys()]
  const programs = way === 'station' ? [['nft', 'nftables'], ['dnsmasq', 'dnsmasq-base'], ['ip', 'iproute2'], ['sysctl', 'procps']] as const : [['ip', 'iproute2']] as const
  const cards = net.interfaces()
  const upstream = cards.find(c => c.hasDefaultRoute)?.name
  const forwards = isForwarding(card.card) === null || upstream === undefined ? null : isForwarding(card.card) === true && isForwarding(upstream) === true
  return [
    assessConfig(options.config, config.mode, complaints),
    assessBinding(platform, linux !== null),
    assessPortRights({ platform, isRoot, hasLowPorts: !isRoot && mayOpenLowPorts(), firstFreePort: firstUnprivilegedPort(), inheritedPorts }),
    assessCard(cards, card, line),
    ...await examinePorts(net, card.card, inheritedPorts),
    assessReceiveBuffer(receiveBytesMax(), inheritedPorts.includes(67)),
    assessGateway({ way, missing: platform === 'linux' ? programs.filter(([program]) => !isInstalled(program)).map(([, name]) => name) : [], forwards, line }),
    assessSerial({ platform, isRoot, adapters: serialAdapters(), isInGroup: isInGroup('dialout'), user }),
    assessFolder({ ...folderFacts(options.data), user }),
    assessLabels(join(options.data, 'labels.json'), openLabelFormats(existsSync(join(options.data, 'labels.json')) ? new LiveDisk(options.data) : null).fault),
    assessClock(clock.now(), await isClockSet(clock)),
    screensFinding
  ]
}

/** Opened for a moment on the bench card and closed again; nothing is sent. */
async function examinePorts(net: Net, card: string, inherited: readonly number[]): Promise<readonly Finding[]> {
  const holders = holdersOf(BENCH_PORTS)
  const isThere = net.interfaces().some(c => c.name === card)
  return await Promise.all(BENCH_PORTS.map(async port => {
    const wasTried = isThere && !inherited.includes(port)
    const fault = wasTried ? await tryPort(net, card, port) : null
    return assessPort({ port, fault, wasTried, holders: holders.get(port) ?? [] })
  }))
}

async function tryPort(net: Net, card: string, port: number): Promise<Fault['code'] | null> {
  try {
    using _socket = await net.udp({ card, port })
    return null
  } catch (thrown) {
    return Fault.from(thrown).code
  }
}

/** Null: nobody tells. */
async function isClockSet(clock: Clock): Promise<boolean | null> {
  const work = (signal: AbortSignal) => new LiveProc().run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], signal)
  const said = await withDeadline(clock, LOOK_MAX, 'program.unexpected', {}, work, new AbortController().signal).catch(() => null)
  return said?.code === 0 && /^(yes|no)$/.test(said.stdout.trim()) ? said.stdout.trim() === 'yes' : null
}

/** Broken or missing configuration is a finding; the rest is judged with the defaults. */
function configOrDefaults(options: Options): { readonly config: Config; readonly complaints: string | null } {
  try {
    const config = readConfig(options, process.env)
    readAccess(config, { env: process.env, file: readSecretFile })
    return { config, complaints: null }
  } catch (thrown) {
    return { config: loadConfig({ file: null, text: null, env: {}, flags: {} }), complaints: String(Fault.from(thrown).context['complaints'] ?? inWords(thrown)) }
  }
}

function findingsText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(f => [`${MARK[f.state]}  ${f.name.padEnd(18)} ${f.text}`, ...(f.line === null ? [] : [`${' '.repeat(25)}> ${f.line}`])])
  const bad = findings.filter(f => f.state === 'bad').length
  return `${lines.join('\n')}\n\n${bad === 0 ? 'Fit for a live bench.' : `${bad} in the way of a live bench.`}\n`
}
