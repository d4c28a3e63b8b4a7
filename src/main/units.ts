/**
 * Virtual units on a real card (`npm run units -- --help`), one a card: real UDP and TCP, an address by a real DHCP
 * client where asked, activation at a virtual cloud. For tests, demonstrations and soak runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import models from '../../resources/models.json' with { type: 'json' }
import { METHODS, millis, seconds } from '#shared'
import { Fault } from './domain/fault.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveNet } from './live/net.ts'
import { LiveProc } from './live/proc.ts'
import { LiveWeb } from './live/web.ts'
import type { Clock, Net, Proc } from './ports.ts'
import type { AddressSource } from './virtual/dhcp-client.ts'
import { SeededEntropy } from './virtual/entropy.ts'
import { VirtualUnit, type UnitState } from './virtual/unit.ts'
import { LAN_VERSIONS, makeProfile, UNIT_FAULTS, type Model, type UnitFault, type UnitProfile } from './virtual/unit-profile.ts'
import { ended, Span } from './virtual/waits.ts'
import { VIRTUAL_WIFI } from './virtual/world.ts'

/** These need a second unit, another product or another DHCP client: give --uuid or --product instead. */
const NOT_HERE: readonly UnitFault[] = ['duplicate-id', 'no-permission', 'new-address']
const FAULTS = Object.entries(UNIT_FAULTS).filter(([name]) => !NOT_HERE.some(n => n === name))
const HELP = `Virtual units on a real network card: for tests, demonstrations and soak runs.

  npm run units -- --card NAME [options]

  --card NAME          the card the unit lives on; repeated: one unit on each
  --dhcp PROGRAM       get the address by udhcpc, or by busybox (busybox udhcpc); needs the right to change the card
  --address A.B.C.D    use this address, which the card has already
  --cloud URL          where it activates (http://127.0.0.1:8090, as npm run cloud)
  --product KEY        ${models.map(m => m.productKey).join(', ')}
  --version V          ${LAN_VERSIONS.join(', ')} (3.3)
  --when-asked         no announcements; answers questions only
  --uuid TEXT          its hardware uuid (from the MAC)
  --mac MAC            what it tells the cloud (the card's)
  --ready              comes reset and ready; default --as-returned: bound to somebody
  --reset-after N      press its button N seconds after its first address; SIGUSR1 presses it too
  --fault NAME         one of those below
  --seconds N          end after N seconds; SIGTERM ends it too
  --help               this text

One JSON line is printed for each unit and for each change of its state. Cameras read each line of standard input as a
code held before their lens; the Wi-Fi in the air is ${VIRTUAL_WIFI.ssid}.

${FAULTS.map(([name, text]) => `  ${name.padEnd(18)} ${text}`).join('\n')}
`
const SECONDS_MAX = 7 * 86_400
/** The address on the card is looked at this often. */
const LOOK_MS = millis(200)
const FLUSH_MS = seconds(5)
const CODE_CHARS_MAX = 1024

/** What udhcpc calls at each change; `mask` is a prefix length there. */
const UDHCPC_SCRIPT = `#!/bin/sh
case "$1" in
  deconfig) ip link set "$interface" up; ip -4 addr flush dev "$interface" scope global ;;
  bound|renew)
    ip -4 addr replace "$ip/\${mask:-24}" broadcast + dev "$interface"
    for r in $router; do ip -4 route replace default via "$r" dev "$interface"; break; done ;;
esac
exit 0
`

type Values = ReturnType<typeof readArguments>
interface LivePorts { readonly clock: Clock; readonly net: Net; readonly proc: Proc }

async function main(): Promise<void> {
  const values = readArguments()
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const cards = values.card ?? complain('--card is needed')
  const lasts = readNumber('seconds', values.seconds ?? String(SECONDS_MAX))
  const stop = new AbortController()
  const end = (): void => stop.abort(new Fault('station.stopped'))
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  await using web = new LiveWeb()
  const ports = { clock: new LiveClock(), entropy: new LiveEntropy(), net: new LiveNet(), proc: new LiveProc(), web }
  using _limit = ports.clock.after(seconds(lasts), end)
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-units-'))
  try {
    const script = join(folder, 'udhcpc.sh')
    writeFileSync(script, UDHCPC_SCRIPT, { mode: 0o700 })
    const units = cards.map(card => {
      const profile = profileOf(values, card, ports.net)
      const address = addressOf(values, card, ports, script, profile)
      const log = { info: () => undefined, warn: (text: string, fields: Readonly<Record<string, unknown>> = {}) => process.stderr.write(`${JSON.stringify({ text, ...fields })}\n`) }
      return new VirtualUnit({ ...ports, card, address, cloudUrl: values.cloud.replace(/\/+$/, ''), wifi: VIRTUAL_WIFI }, profile, log)
    })
    await Promise.all(units.map(unit => live(unit, values, ports.clock, stop.signal)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function live(unit: VirtualUnit, values: Values, clock: Clock, signal: AbortSignal): Promise<void> {
  const { tag, label, uuid, mac, deviceId, productKey, version, fault, method } = unit.profile
  print({ unit: tag, label, uuid, mac, deviceId, productKey, version, fault })
  const press = (): void => unit.pressReset()
  process.on('SIGUSR1', press)
  const pressAfter = values['reset-after'] === undefined ? null : seconds(readNumber('reset-after', values['reset-after']))
  let timer: Disposable | null = null
  using _telling = unit.on((state: UnitState) => {
    print({ at: clock.now(), unit: tag, ...state })
    if (pressAfter !== null && state.address !== null) timer ??= clock.after(pressAfter, press)
  })
  const lines = method === 'qr' ? createInterface({ input: process.stdin }) : null
  lines?.on('line', line => { if (line.length <= CODE_CHARS_MAX) unit.readCode(line) })
  if (method === 'wired') unit.plug()
  unit.powerOn()
  try {
    await unit.start(signal)
  } finally {
    timer = cancel(timer)
    lines?.close()
    process.off('SIGUSR1', press)
  }
}

function profileOf(values: Values, card: string, net: Net): UnitProfile {
  const found = net.interfaces().find(c => c.name === card) ?? complain(`--card ${card}: no such card; there are ${net.interfaces().map(c => c.name).join(', ')}`)
  const mac = values.mac ?? found.mac
  const n = Number.parseInt(mac.replaceAll(':', '').slice(-4), 16)
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) complain(`--mac ${mac}: lower case with colons is expected`)
  const row = models.find(m => m.productKey === values.product) ?? complain(`--product ${values.product}: one of ${models.map(m => m.productKey).join(', ')}`)
  const model: Model = { ...row, method: METHODS.find(m => m === row.method) ?? 'wired' }
  const version = LAN_VERSIONS.find(v => v === values.version) ?? complain(`--version ${values.version}: one of ${LAN_VERSIONS.join(', ')}`)
  const [fault] = FAULTS.find(([name]) => name === values.fault) ?? (values.fault === undefined ? [null] : complain(`--fault ${values.fault}: see --help`))
  return makeProfile(model, n, new SeededEntropy(mac), {
    mac, version, fault: asFault(fault), announces: values['when-asked'] ? 'when-asked' : 'by-itself', saysToken: true,
    ...(values.uuid === undefined ? {} : { uuid: values.uuid }), ...(values.ready ? { deviceId: null } : {})
  })
}

function asFault(name: string | null): UnitFault | null {
  return name === null ? null : name as UnitFault // a key of UNIT_FAULTS: it was found among its entries
}

function addressOf(values: Values, card: string, ports: LivePorts, script: string, profile: UnitProfile): AddressSource {
  const { address, dhcp } = values
  if (address !== undefined && dhcp === undefined) {
    return { hold: async (told, signal) => { told(address); await ended(signal) } }
  }
  if (dhcp === undefined || address !== undefined) return complain('either --dhcp or --address is needed')
  const client = ['-f', '-i', card, '-s', script, '-t', '3', '-T', '2', '-A', '3', '-x', `hostname:${profile.kind}-${profile.serial}`]
  const flush = async (): Promise<void> => {
    using limit = new Span(new AbortController().signal)
    using _timer = ports.clock.after(FLUSH_MS, () => limit.end())
    await ports.proc.run('ip', ['-4', 'addr', 'flush', 'dev', card, 'scope', 'global'], limit.signal)
  }
  return {
    hold: async (told, signal) => {
      await flush()
      using span = new Span(signal)
      const [program, ...first] = dhcp === 'busybox' ? ['busybox', 'udhcpc'] : [dhcp]
      const running = ports.proc.run(program ?? dhcp, [...first, ...client], span.signal).then(
        ({ code, stderr }) => { throw new Fault('program.unexpected', { text: `${dhcp} ended with ${code}: ${stderr.trim().slice(-200)}` }) })
      const watching = watchAddress(ports, card, told, span.signal)
      try {
        await Promise.race([running, watching])
      } catch (thrown) {
        if (!signal.aborted) throw thrown
      } finally {
        span.end()
        await Promise.allSettled([running, watching])
        await flush()
        told(null)
      }
    }
  }
}

async function watchAddress(ports: LivePorts, card: string, told: (address: string | null) => void, signal: AbortSignal): Promise<void> {
  for (let last: string | null = null; ; await ports.clock.sleep(LOOK_MS, signal)) {
    const now: string | null = ports.net.interfaces().find(c => c.name === card)?.addresses[0]?.address ?? null
    if (now !== last) told(now)
    last = now
  }
}

function cancel(timer: Disposable | null): null {
  timer?.[Symbol.dispose]()
  return null
}

function readArguments() {
  return parseArgs({
    options: {
      'card': { type: 'string', multiple: true }, 'dhcp': { type: 'string' }, 'address': { type: 'string' }, 'cloud': { type: 'string', default: 'http://127.0.0.1:8090' },
      'product': { type: 'string', default: 'gw3wired00000001' }, 'version': { type: 'string', default: '3.3' }, 'when-asked': { type: 'boolean', default: false },
      'uuid': { type: 'string' }, 'mac': { type: 'string' }, 'ready': { type: 'boolean', default: false }, 'as-returned': { type: 'boolean', default: false },
      'reset-after': { type: 'string' }, 'fault': { type: 'string' }, 'seconds': { type: 'string' }, 'help': { type: 'boolean', default: false }
    }
  }).values
}

function readNumber(name: string, text: string): number {
  const n = Number(text)
  return Number.isFinite(n) && n >= 0 && n <= SECONDS_MAX ? n : complain(`--${name}: seconds from 0 to ${SECONDS_MAX} are expected`)
}

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function complain(text: string): never {
  throw new Fault('config.invalid', { complaints: text })
}

try {
  await main()
} catch (thrown) {
  const fault = Fault.from(thrown)
  process.stderr.write(`virtual units: ${fault.context['complaints'] ?? fault.context['text'] ?? fault.code}\n`)
  process.exitCode = 1
}
