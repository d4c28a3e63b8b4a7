/**
 * Builds the station from ports and configuration: equipment, line, gate, in reading order. No container, no registry; the
 * root scope owns everything and closes it in reverse.
 */
import models from '../../resources/models.json' with { type: 'json' }
import { METHODS, minutes, seconds, type FaultView, type Lamp, type LampName, type Mode, type NetworkView, type SyncView, type WaveId } from '#shared'
import type { Access } from './access.ts'
import { handlersOf, rateOf, readersOf, refusals } from './answers.ts'
import { buildCloudBench } from './bench/cloud-bench.ts'
import { buildConsoleBench } from './bench/console-bench.ts'
import { DhcpServer, type DhcpView, type LeaseEvent } from './bench/dhcp-server.ts'
import { Handover } from './bench/handover.ts'
import { Ledger } from './bench/ledger.ts'
import { Lanes } from './bench/lanes.ts'
import { LanListener } from './bench/listener.ts'
import type { Log } from './bench/log.ts'
import { Networks } from './bench/networks.ts'
import { Presence } from './bench/presence.ts'
import { ScannerPort } from './bench/scanner-port.ts'
import { assertReadable } from './bench/schema.ts'
import { Scope } from './bench/scope.ts'
import { SeatDesk } from './bench/seat-desk.ts'
import { Timing } from './bench/timing.ts'
import { readTransports } from './bench/transports.ts'
import { VendorClock } from './bench/vendor-clock.ts'
import { WayOut, type WayOutSettings, type WayOutView } from './bench/way-out.ts'
import type { Watchman } from './bench/watchman.ts'
import { Why } from './bench/why.ts'
import { benchNetLine, configuredGateway, loadConfig, minutesOf, splitCidr, SETTINGS, type Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import { Catalogue, type Product } from './domain/product.ts'
import { parseNeed, vendorNeeds } from './domain/gateway.ts'
import type { QuotaSettings } from './domain/quota.ts'
import { cloudHandlers, cloudRefusals } from './gate/cloud-answers.ts'
import { Gate } from './gate/gate.ts'
import { Projector } from './gate/projector.ts'
import { serialHandlers, serialRefusals } from './gate/serial-answers.ts'
import { Acts, type ShownCode } from './line/acts.ts'
import { unitsWaiting } from './line/05-dispatch.ts'
import { Line } from './line/line.ts'
import { benchTrouble } from './line/permit.ts'
import { opticsOf, policyOf } from './rack.ts'
import type { Database, Disk, Ports } from './ports.ts'
import { recordActs, recordReaders, recordRefusals } from './gate/record-answers.ts'
import { asidesOf } from './line/11-sync.ts'
import { verifyLedger } from './bench/verify.ts'
import { ledgerPath, openRecords } from './records.ts'
import { normaliseMac } from './wire/label.ts'

export interface StationOptions {
  readonly dataDir: string
  readonly log: Log
  readonly version: string
  readonly access: Access
  /** resources/transports.json as it is found at run time; a file of that name in the data folder goes before it. */
  readonly transports?: string | null
  /** Opens a folder outside the data folder, for files somebody else fetches. */
  readonly folders?: (path: string) => Disk
}
export interface Station { readonly gate: Gate; readonly ledger: Ledger; close(): Promise<void> }

/** Faults: those of opening the ledger. Trouble of the bench is shown, not thrown. */
export async function createStation(ports: Ports, config: Config, options: StationOptions): Promise<Station> {
  const worlds = new Set([ports.net.world, ports.serial.world, ports.web.world])
  if (worlds.size > 1) throw new Fault('program.unexpected', { text: 'live and virtual ports may not mix' })
  const { clock } = ports
  const { log, access } = options
  const mode = config.mode
  const scope = new Scope('station')
  try {
    const records = await openRecords(ports, mode, options, scope)
    const { ledger, station } = records
    const catalogue = new Catalogue(products())
    const timing = new Timing(ledger, catalogue)

    const bench = buildBench(ports, config, options, ledger, catalogue)
    const line = new Line({ clock, ledger, log: log.child({ part: 'line' }), catalogue, timing, ...bench, dhcp: bench.addresses }, {
      dispatch: {
        take: config['lan.take'], accounts: () => bench.cloud.book.usable(), isDenied: (account, product) => bench.permissions.isDenied(account, product),
        centreOf: product => catalogue.find(product)?.centre ?? null, isFirstAlone: mode === 'live' && config['job.firstAlone'] === 'on'
      },
      resetSeconds: config['job.resetSeconds'], proofSeconds: config['job.proofSeconds'], settleSeconds: config['wave.settleSeconds'], claimSeconds: config['lan.claimSeconds']
    })
    const watchman = records.watch(() => bench.cloud.vendor.heardAt)
    bench.seats.stopWhile(() => watchman.fault)

    const networks = new Networks(ledger, { networks: access.wifi, rotate: config['wave.rotate'], command: config['wave.command'] })
    let touchDisplay: () => void = () => undefined
    const acts = new Acts(line, { rack: config['bench.rack'], seatsPerToken: config['quota.seatsPerToken'], networks, proc: ports.proc }, () => touchDisplay())
    const sync = (): readonly SyncView[] => records.outboxes.views()
    const projector = new Projector({
      clock, ledger, presence: bench.presence, catalogue, mode, station, version: options.version, isRunning: true, lanes: config['bench.lanes'], rack: config['bench.rack'], waiting: () => acts.waitingCameras().length,
      seats: bench.seats, accounts: () => bench.cloud.book.all().map(a => a.id), waitingFor: unit => line.waitingFor(unit), sync,
      lamps: () => lampsOf(bench, watchman, gate, sync()), network: () => networkOf(ports, config, bench), timing: () => timing.view(),
      wifi: () => networks.view(clock.now()), optics: opticsOf(config), policy: policyOf(config),
      shownCode: rack => revealed(acts.shownOn(rack))
    })
    const why = new Why({
      clock, proc: ports.proc, ledger, listener: bench.listener, lanes: bench.lanes, goneMs: seconds(config['lan.goneSeconds']), waitingFor: unit => line.waitingFor(unit),
      dhcp: { view: () => bench.dhcp.view(), ipOf: mac => bench.dhcp.ipOf(mac), macOf: bench.addresses.macOf }, wayOut: () => wayOutFault(bench.wayOut)
    })
    const gate = new Gate({
      ...handlersOf({ clock, why, signal: scope.signal, acts, ledger, projector, setRate: rateOf(clock) }),
      ...recordReaders({ ...records.sources, view: unit => projector.unit(unit) }), ...recordActs(ledger, records.acts(product => catalogue.find(product)?.name.en ?? product)),
      ...cloudHandlers({ clock, ledger, catalogue, cloud: bench.cloud, seatsPerToken: config['quota.seatsPerToken'], waiting: () => unitsWaiting({ ledger, now: clock.now(), settings: line.dispatch }), signal: scope.signal }),
      ...serialHandlers({ bench: bench.serial, ledger, lanes: config['bench.lanes'], signal: scope.signal })
    }, log.child({ part: 'gate' }))

    records.begin()
    const told = gate.run(clock, projector, scope)
    touchDisplay = told.touchDisplay
    scope.own(ledger.on(facts => {
      projector.follow(facts)
      told.touch()
    }))
    bench.presence.start(scope)
    bench.lanes.start(scope)
    await startSerial(ports, bench, gate, log, scope)
    bench.cloud.start(scope)
    line.start(scope)
    acts.start(scope)
    await bench.dhcp.start(scope)
    await bench.listener.start(scope)
    bench.wayOut.start(scope)
    records.startSync()
    watchman.start(scope)
    return { gate, ledger, close: () => scope.close() }
  } catch (thrown) {
    await scope.close()
    throw thrown
  }
}

/** The same questions about a station that is not running: its ledger, opened for reading. Commands are refused. */
export function openReadonlyGate(ports: Pick<Ports, 'clock' | 'entropy' | 'sql'>, dataDir: string, mode: Mode, version: string, log: Log): { readonly gate: Gate } & Disposable {
  const db = ports.sql.open(ledgerPath(dataDir, mode), { readonly: true })
  assertReadable(db)
  const ledger = new Ledger(db, ports, log, true)
  const quota = { accountPerDay: SETTINGS['quota.accountPerDay'].value, productPerDay: SETTINGS['quota.productPerDay'].value }
  const accounts = db.all<{ account: string }>('SELECT DISTINCT account FROM seat ORDER BY account').map(r => r.account)
  const born = loadConfig({ file: null, text: null, env: {}, flags: {} })
  const projector = new Projector({
    clock: ports.clock, ledger, presence: null, catalogue: new Catalogue(products()), mode, station: ledger.setting('station') ?? '', version, isRunning: false, lanes: 0, rack: '', waiting: () => 0,
    seats: new SeatDesk(ledger, new VendorClock(ports.clock, ledger), { quota, settleMs: minutes(0) }), accounts: () => accounts, waitingFor: () => null, lamps: () => [], shownCode: () => null, wifi: () => [], optics: opticsOf(born), policy: policyOf(born), sync: () => storedSync(ledger), network: () => storedNetwork(db), timing: () => new Timing(ledger, new Catalogue(products())).view()
  })
  const gate = new Gate({ ...readersOf(projector), ...refusals(), ...recordReaders({ ledger, view: unit => projector.unit(unit), asides: () => asidesOf(ledger), verify: async () => await Promise.resolve(verifyLedger(ledger, ledger.setting('station') ?? '', [])) }), ...recordRefusals(), ...cloudRefusals(), ...serialRefusals() }, log)
  return { gate, [Symbol.dispose]: () => db[Symbol.dispose]() }
}

function buildBench(ports: Ports, config: Config, { access, log, transports = null }: StationOptions, ledger: Ledger, catalogue: Catalogue) {
  const { clock } = ports
  const { address, prefix } = splitCidr(config['bench.address'])
  const card = config['bench.card']
  const gateway = configuredGateway(config)
  const dhcp = new DhcpServer(ports, ledger.db, log.child({ part: 'dhcp' }), {
    card, address, prefix, poolStart: config['dhcp.poolStart'], poolEnd: config['dhcp.poolEnd'], leaseMs: seconds(config['dhcp.leaseSeconds']),
    router: gateway.router, dns: gateway.dns, probeMs: seconds(config['dhcp.probeSeconds'])
  }, mac => laneOf(ledger, mac))
  const statics = new Map(config['lan.static'].map(s => [s.address, normaliseMac(s.mac)]))
  const macOf = (ip: string): string | null => dhcp.macOf(ip) ?? statics.get(ip) ?? null
  const isAlone = (): boolean => benchTrouble(dhcp) === null
  const listener = new LanListener(ports, log.child({ part: 'lan' }), { card, address, prefix, askEveryMs: seconds(config['lan.askSeconds']), mayAsk: isAlone, macOf })
  const own = ports.disk.read('transports.json')
  const table = readTransports([{ name: 'transports.json in the data folder', text: own && new TextDecoder().decode(own) }, { name: 'resources/transports.json', text: transports }])
  const taken = { get: (product: string) => ledger.setting(`transport.${product}`) ?? undefined, set: (product: string, candidate: string) => { ledger.keepSetting(`transport.${product}`, candidate) } }
  const handover = new Handover(ports, log.child({ part: 'handover' }), { card, address, connectMs: seconds(5), candidateMs: seconds(12) }, table, taken)
  const cloud = buildCloudBench(ports, ledger, log, {
    accounts: access.accounts, accountsPath: `${config.mode}/accounts.json`, isVirtual: config.mode === 'training', deadlineMs: seconds(config['cloud.deadlineSeconds']), pollMs: seconds(config['cloud.pollSeconds']),
    pace: { read: config['cloud.readsPerSecond'], delete: config['cloud.deletesPerSecond'] }, selfTest: config['cloud.selfTest'], products: () => catalogue.all().map(p => p.productKey),
    quota: quotaOf(config), returnMs: seconds(config['quota.returnSeconds']), seatsMax: config['quota.seatsPerToken'], relayLifeMs: seconds(config['relay.lifeSeconds'])
  })
  const serial = buildConsoleBench(ports, ledger, log, {
    folder: `${config.mode}/transcripts`, secrets: access.recipeSecrets ?? new Map(), wiring: config['power.wiring'],
    valuesOf: product => Object.fromEntries(config['recipe.values'].filter(v => v.product === product).map(v => [v.name, v.value]))
  })
  const presence = new Presence(clock, log.child({ part: 'presence' }), { goneMs: seconds(config['lan.goneSeconds']) })
  const wayOut = new WayOut(ports, log.child({ part: 'way out' }), { ...wayOutSettings(config, access.accounts.map(a => a.region)), card, address, gateway })
  const addresses = { on: (fn: (e: LeaseEvent) => void) => dhcp.on(fn), macOf, avoid: (ip: string) => { dhcp.avoid(ip) }, view: () => dhcp.view() }
  const lanes = new Lanes(clock, log.child({ part: 'lanes' }), ports.switch, config['switch.ports'])
  return { wayOut, dhcp, addresses, lanes, listener, handover, cloud, serial, consoles: serial.consoles, seats: cloud.seats, permissions: cloud.permissions, till: cloud.till, relay: { isAllowed: config['relay.isAllowed'] === 'on', source: cloud.relay, book: cloud.book }, poll: cloud.poll, presence }
}
type Bench = ReturnType<typeof buildBench>

/** undefined: not looked at. */
function wayOutFault(wayOut: WayOut): FaultView | null | undefined {
  const { state, fault } = wayOut.view()
  return state === 'open' ? null : state === 'closed' ? fault ?? undefined : undefined
}

/** Training has no way out of this computer. The line repeats the settings, so that it works without the file. */
function wayOutSettings(config: Config, regions: readonly string[]): Pick<WayOutSettings, 'isOn' | 'needs' | 'ntp' | 'line'> {
  const needs = config['wayOut.hosts'].map(parseNeed).filter(need => need !== null)
  return {
    isOn: config.mode === 'live' && config['wayOut.check'] === 'on', needs: needs.length > 0 ? needs : vendorNeeds(regions), ntp: config['wayOut.ntp'], line: benchNetLine(config)
  }
}

function laneOf(ledger: Ledger, mac: string): number | null {
  const unit = ledger.unitByAlias({ kind: 'mac', value: mac })
  return unit === null ? null : ledger.unit(unit)?.lane ?? null
}

const WAY_OUT_LAMP = { off: 'off', checking: 'warn', open: 'ok', closed: 'bad' } as const satisfies Record<WayOutView['state'], Lamp['state']>

/** A full pool, a book that is not written, or a socket that hears other networks: it serves, but somebody should look. */
function cardLamp({ state, fault, binding }: DhcpView): Lamp['state'] {
  if (state === 'fault') return 'bad'
  if (state === 'off') return 'off'
  return (fault !== null && state !== 'foreign') || binding === 'address' ? 'warn' : 'ok'
}

function lampsOf(bench: Bench, watchman: Watchman, gate: Gate, sync: readonly SyncView[]): Lamp[] {
  const dhcp = bench.dhcp.view()
  const wayOut = bench.wayOut.view()
  const lamp = (name: LampName, state: Lamp['state'], fault: Lamp['fault'] = null, value: number | null = null): Lamp => ({ name, state, fault, value })
  const cloudFault = bench.cloud.book.all().map(a => bench.cloud.book.faultOf(a.id)).find(f => f !== null) ?? bench.poll.fault
  const offset = bench.cloud.book.clients().map(c => c.serverOffsetMs).find(o => o !== null) ?? null
  const isClockWrong = offset !== null && Math.abs(offset) > minutes(1)
  const owed = sync.reduce((sum, s) => sum + s.last - s.acked, 0)
  const syncFault = sync.find(s => s.fault !== null)?.fault ?? null
  return [
    lamp('cloud', bench.cloud.book.all().length === 0 ? 'off' : cloudFault ? 'bad' : 'ok', cloudFault),
    lamp('card', cardLamp(dhcp), dhcp.state === 'foreign' ? null : dhcp.fault),
    lamp('guard', dhcp.state === 'foreign' ? 'bad' : dhcp.state === 'serving' ? 'ok' : 'warn', dhcp.state === 'foreign' ? dhcp.fault : null),
    lamp('clock', isClockWrong || watchman.clockFault ? 'bad' : 'ok', watchman.clockFault ?? (isClockWrong ? { code: 'cloud.clock-wrong', context: { offsetMs: offset } } : null)),
    lamp('ledger', watchman.ledgerFault ? 'bad' : 'ok', watchman.ledgerFault),
    lamp('sync', sync.length === 0 ? 'off' : syncFault ? 'warn' : 'ok', syncFault, owed),
    lamp('scanner', 'ok'),
    lamp('display', gate.followers('display.changed') > 0 ? 'ok' : 'off'),
    lamp('internet', WAY_OUT_LAMP[wayOut.state], wayOut.fault)
  ]
}

function networkOf(ports: Ports, config: Config, bench: Bench): Omit<NetworkView, 'clock'> {
  const card = ports.net.interfaces().find(c => c.name === config['bench.card'])
  const { binding, ...dhcp } = bench.dhcp.view()
  const wayOut = bench.wayOut.view()
  return {
    card: card ? { name: card.name, mac: card.mac, address: card.addresses[0]?.address ?? null, up: card.up && card.hasLink !== false, binding } : null,
    dhcp, lan: bench.listener.view(), leases: bench.dhcp.leases(),
    ...(wayOut.state === 'off' ? {} : { wayOut: { ...wayOut, state: wayOut.state } })
  }
}

function storedNetwork(db: Database): Omit<NetworkView, 'clock'> {
  const known = db.all<{ n: number }>('SELECT count(*) AS n FROM lease')[0]?.n ?? 0
  return { card: null, dhcp: { state: 'off', fault: null, poolSize: 0, poolUsed: known, counters: {} }, lan: { listening: [], counters: {}, fault: null }, leases: [] }
}

function storedSync(ledger: Ledger): SyncView[] {
  return ledger.db.all<{ name: string; acked: number; aside: number }>('SELECT name, acked, (SELECT count(*) FROM aside a WHERE a.destination = d.name) AS aside FROM destination d').map(d => ({
    destination: d.name, acked: d.acked, last: ledger.lastSeq, oldestUnsentAt: ledger.factsAfter(d.acked, 1)[0]?.at ?? null, fault: null, aside: d.aside
  }))
}

function quotaOf(config: Config): QuotaSettings {
  return { accountPerDay: config['quota.accountPerDay'], productPerDay: config['quota.productPerDay'], raises: config['quota.raises'], dayStartMinutes: minutesOf(config['quota.dayStart']) }
}

function products(): Product[] {
  const kinds = ['camera', 'nvr', 'dvr', 'gateway', 'base-station'] as const
  return models.map(m => ({
    ...m, method: METHODS.find(x => x === m.method) ?? 'wired', kind: kinds.find(k => k === m.kind) ?? 'gateway', resetWhen: m.resetWhen === 'power-on' ? 'power-on' : 'powered'
  }))
}

/** A scan from a serial scanner goes the way of every other scan: through the gate, where it is also shown. */
async function startSerial(ports: Ports, bench: Bench, gate: Gate, log: Log, scope: Scope): Promise<void> {
  await bench.serial.start(scope)
  new ScannerPort(ports, log.child({ part: 'scanner' }), bench.serial.serialPorts, async text => { await gate.ask('scan', { text }, { host: 'local' }) }).start(scope)
}

function revealed(shown: ShownCode | null): { readonly wave: WaveId; readonly text: string } | null {
  return shown ? { wave: shown.wave, text: shown.code.reveal() } : null
}
