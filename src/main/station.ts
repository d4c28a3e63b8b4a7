/**
 * Builds the station from ports and configuration: equipment, line, gate, in reading order. No container, no registry; the
 * root scope owns everything and closes it in reverse.
 */
import models from '../../resources/models.json' with { type: 'json' }
import { METHODS, hours, minutes, seconds, type FaultView, type Instant, type Lamp, type LampName, type Mode, type NetworkView, type SyncView, type WaveId, type WifiView } from '#shared'
import type { Access } from './access.ts'
import { handlersOf, rateOf, readersOf, refusals } from './answers.ts'
import { buildCloudBench } from './bench/cloud-bench.ts'
import { buildConsoleBench } from './bench/console-bench.ts'
import { DhcpServer, type DhcpView, type LeaseEvent } from './bench/dhcp-server.ts'
import { Handover } from './bench/handover.ts'
import { labelBookOf, type LabelBook } from './bench/label-book.ts'
import { LabelDesk } from './bench/label-desk.ts'
import { BadgeDesk } from './bench/badge-desk.ts'
import { Competence } from './bench/competence.ts'
import { Ledger } from './bench/ledger.ts'
import { Lanes } from './bench/lanes.ts'
import { LanListener } from './bench/listener.ts'
import type { Log } from './bench/log.ts'
import { Networks } from './bench/networks.ts'
import { People, trainingPeople } from './bench/people.ts'
import { Press } from './bench/paper/press.ts'
import { Pictures } from './bench/pictures.ts'
import { Presence } from './bench/presence.ts'
import { Printer } from './bench/printer.ts'
import { assertReadable } from './bench/schema.ts'
import { Scope } from './bench/scope.ts'
import { SeatDesk } from './bench/seat-desk.ts'
import { Timing } from './bench/timing.ts'
import { readTransports } from './bench/transports.ts'
import { VendorClock } from './bench/vendor-clock.ts'
import { WayOut, type WayOutSettings, type WayOutView } from './bench/way-out.ts'
import type { Watchman } from './bench/watchman.ts'
import { Why } from './bench/why.ts'
import { WifiTest } from './bench/wifi-test.ts'
import { benchNetLine, configuredGateway, loadConfig, loadSettings, minutesOf, splitCidr, SETTINGS, type Config, type LoadedConfig, type OwnSettings } from './config.ts'
import { Fault } from './domain/fault.ts'
import { Catalogue, type Product } from './domain/product.ts'
import { parseNeed, vendorNeeds, type AccountPlace } from './domain/gateway.ts'
import type { QuotaSettings } from './domain/quota.ts'
import { careHandlers, careReaders, careRefusals } from './gate/care-answers.ts'
import { cloudHandlers, cloudRefusals } from './gate/cloud-answers.ts'
import { Gate } from './gate/gate.ts'
import { needsOf, peopleHandlers, peopleReaders, peopleRefusals } from './gate/people-answers.ts'
import { Projector } from './gate/projector.ts'
import { BenchRights, READING } from './gate/rights.ts'
import { settingsHandlers, settingsRefusals } from './gate/settings-answers.ts'
import { serialHandlers, serialRefusals } from './gate/serial-answers.ts'
import { terminalHandlers, terminalRefusals } from './gate/terminal-answers.ts'
import { exerciseCards, trainingHandlers, trainingRefusals, type Trainer } from './gate/training-answers.ts'
import { Acts, type ShownCode } from './line/acts.ts'
import { unitsWaiting } from './line/05-dispatch.ts'
import { Line } from './line/line.ts'
import { benchTrouble } from './line/permit.ts'
import { paperActs, paperReaders, paperRefusals, type PaperSources } from './gate/paper-answers.ts'
import { proving, type Simulate } from './proving.ts'
import { opticsOf, policyOf, rackDrawing } from './rack.ts'
import { SettingsDesk, type OwnConfig } from './settings-desk.ts'
import type { Database, Disk, Ports } from './ports.ts'
import { recordActs, recordReaders, recordRefusals } from './gate/record-answers.ts'
import { supervisorHandlers, supervisorReaders, supervisorRefusals } from './gate/supervisor-answers.ts'
import { viewCertificate } from './wire/certificate.ts'
import { asidesOf } from './line/11-sync.ts'
import { factsBehind } from './bench/lookback.ts'
import type { Vault } from './bench/archive.ts'
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
  /** resources/fonts as found at run time, for papers; null: it is missing, and papers are refused. */
  readonly font?: () => Uint8Array | null
  /** The reader of codes in pictures, as WebAssembly; null: it is missing. */
  readonly decoder?: () => Uint8Array | null
  /** Opens a folder outside the data folder, for files somebody else fetches. */
  readonly folders?: (path: string) => Disk
  /** How the configuration came about; without it, it is taken as given by the command line. */
  readonly own?: OwnConfig
  /** One unit that does not exist, from intake to certificate; absent: that step of the checklist is skipped. */
  readonly simulate?: Simulate
  /** Exercises of the training bench. */
  readonly trainer?: Trainer
}
export interface Station { readonly gate: Gate; readonly ledger: Ledger; readonly competence: Competence; close(): Promise<void> }

/** Faults: those of opening the ledger. Trouble of the bench is shown, not thrown. */
export async function createStation(ports: Ports, config: Config, options: StationOptions): Promise<Station> {
  const worlds = new Set([ports.net.world, ports.serial.world, ports.web.world])
  if (worlds.size > 1) throw new Fault('program.unexpected', { text: 'live and virtual ports may not mix' })
  const { clock } = ports
  const { log, access } = options
  const mode = config.mode
  const scope = new Scope('station')
  try {
    const records = await openRecords(ports, mode, { ...options, care: { keepDays: config['care.keepDays'], backupHour: config['care.backupHour'] } }, scope)
    const { ledger, station } = records
    const catalogue = new Catalogue(products())
    const timing = new Timing(ledger, catalogue)

    const bench = buildBench(ports, config, options, ledger, catalogue)
    const line = buildLine(ports, config, log, { ledger, catalogue, timing }, bench)
    const watchman = records.watch(() => bench.cloud.vendor.heardAt)
    bench.seats.stopWhile(() => watchman.fault)

    const networks = new Networks(ledger, { networks: access.wifi, rotate: config['wave.rotate'], command: config['wave.command'] })
    const { people, badges, rights } = openPeople(ports, ledger, log, { mode, wifi: () => networks.view(clock.now()) })
    const { printer, labels, book } = openLabels(ports, config, ledger, catalogue, log)
    const { settings, drawing } = openSettings(ports, config, ledger, people, options.own ?? givenConfig(config))
    const competence = new Competence(ports.disk, ledger, log.child({ part: 'people' }), mode === 'training' ? records.signing : null)
    let touchDisplay: () => void = () => undefined
    const proven = proving(ports, { ...bench, config, printer, labels, simulate: options.simulate ?? null }, { ledger, catalogue, signing: records.signing })
    const acts = new Acts(line, { rack: config['bench.rack'], seatsPerToken: config['quota.seatsPerToken'], networks, proc: ports.proc, badges, labels, formats: book.formats, exercise: exerciseCards(options.trainer ?? null, ledger), daily: () => scope.spawn(signal => proven.ready.daily(ledger.operator ?? 'nobody', signal), fault => log.fault('the daily check was broken off', fault)) }, () => touchDisplay())
    const sync = (): readonly SyncView[] => records.outboxes.views()
    const projector = new Projector({
      clock, ledger, presence: bench.presence, linkOf: lane => bench.lanes.linkOf(lane), catalogue, mode, station, version: options.version, isRunning: true, here: () => badges.view(), lanes: config['bench.lanes'], rack: config['bench.rack'], layout: config['bench.layout'].map(row => row.split(' ').map(Number)), waiting: () => acts.waitingCameras().length,
      seats: bench.seats, accounts: () => bench.cloud.book.all().map(a => a.id), waitingFor: unit => line.waitingFor(unit), sync,
      lamps: () => lampsOf(bench, watchman, gate, sync(), printer, book), network: () => networkOf(ports, config, bench), timing: () => timing.view(), find: records.find,
      wifi: () => networks.view(clock.now()), get optics() { return drawing().optics }, get policy() { return drawing().policy },
      shownCode: rack => revealed(acts.shownOn(rack))
    })
    const recording = records.acts(product => catalogue.find(product)?.name.en ?? product)
    const supervising = supervisorHandlers({ clock, ledger, catalogue, station, projector, sync, windowStart: () => bench.seats.windowStart, assess: records.sources.assess })
    const papers: PaperSources = { clock, ledger, catalogue, mode, press: new Press(ports.press ?? null, options.font ?? (() => null)), handover: supervising['handover.view'], lamps: () => projector.status().lamps, signal: scope.signal }
    const gate = new Gate({
      ...handlersOf({ clock, why: openWhy(ports, config, ledger, bench, line), signal: scope.signal, acts, ledger, projector, pictures: new Pictures(ports.press ?? null, options.decoder ?? (() => null)), setRate: rateOf(clock) }),
      ...recordReaders({ ...records.sources, view: unit => projector.unit(unit) }), ...recordActs(ledger, recording),
      ...cloudHandlers({ clock, ledger, catalogue, cloud: bench.cloud, seatsPerToken: config['quota.seatsPerToken'], waiting: () => unitsWaiting({ ledger, now: clock.now(), settings: line.dispatch }), signal: scope.signal }),
      ...serialHandlers({ bench: bench.serial, ledger, lanes: config['bench.lanes'], signal: scope.signal }), ...peopleHandlers(people, badges), ...terminalHandlers(bench.serial.terminals, ledger, ports.disk, scope.signal),
      ...careHandlers({ clock, ledger, clientOf: id => bench.cloud.book.client(id), accounts: () => bench.cloud.book.usable().map(a => a.id), backups: records.backups, products: catalogue.all(), signal: scope.signal, wifi: new WifiTest({ clock, ledger, networks, proc: ports.proc, onLease: fn => bench.dhcp.on(fn) }, log.child({ part: 'wifi' }), scope) }),
      ...settingsHandlers({ settings, ...proven, signal: scope.signal }),
      ...trainingHandlers({ clock, ledger, people, competence, press: papers.press, signal: scope.signal, trainer: options.trainer ?? null }),
      ...supervising, ...paperReaders(papers), ...paperActs(papers, { labels, printer, certify: recording.certify, view: unit => projector.unit(unit) })
    }, log.child({ part: 'gate' }), rights)

    records.begin()
    competence.takeIn()
    const told = gate.run(clock, projector, scope)
    touchDisplay = told.touchDisplay
    scope.own(badges.on(told.touch))
    scope.own(ledger.on(facts => {
      projector.follow(facts)
      told.touch()
    }))
    for (const part of [bench.presence, bench.lanes]) part.start(scope)
    await startSerial(bench, gate, scope)
    bench.cloud.start(scope)
    for (const part of [line, acts, labels, printer]) part.start(scope)
    for (const part of [bench.dhcp, bench.listener]) await part.start(scope)
    for (const part of [bench.wayOut, watchman]) part.start(scope)
    records.startSync()
    return { gate, ledger, competence, close: () => scope.close() }
  } catch (thrown) {
    await scope.close()
    throw thrown
  }
}

/** The same questions about a station that is not running: its ledger, opened for reading. Commands are refused. */
export function openReadonlyGate(ports: Pick<Ports, 'clock' | 'entropy' | 'sql'>, dataDir: string, mode: Mode, version: string, log: Log, font: () => Uint8Array | null, vault: Vault): { readonly gate: Gate } & Disposable {
  const db = ports.sql.open(ledgerPath(dataDir, mode), { readonly: true })
  assertReadable(db)
  const ledger = new Ledger(db, ports, log, true)
  const quota = { accountPerDay: SETTINGS['quota.accountPerDay'].value, productPerDay: SETTINGS['quota.productPerDay'].value }
  const accounts = db.all<{ account: string }>('SELECT DISTINCT account FROM seat ORDER BY account').map(r => r.account)
  const people = new People(ports, ledger)
  const born = loadConfig({ file: null, text: null, env: {}, flags: {} })
  const projector = new Projector({
    clock: ports.clock, ledger, presence: null, linkOf: () => null, catalogue: new Catalogue(products()), mode, station: ledger.setting('station') ?? '', version, isRunning: false, here: () => ({ operator: null, raised: null, hasAdmin: people.hasAdmin }), lanes: 0, rack: '', layout: [], waiting: () => 0,
    seats: new SeatDesk(ledger, new VendorClock(ports.clock, ledger), { quota, settleMs: minutes(0) }), accounts: () => accounts, waitingFor: () => null, lamps: () => [], shownCode: () => null, wifi: () => [], optics: opticsOf(born), policy: policyOf(born), sync: () => storedSync(ledger), network: () => storedNetwork(db), timing: () => new Timing(ledger, new Catalogue(products())).view()
  })
  const supervising = supervisorReaders({
    clock: ports.clock, ledger, catalogue: new Catalogue(products()), station: ledger.setting('station') ?? '', projector, sync: () => storedSync(ledger), windowStart: () => ports.clock.now() - hours(24),
    assess: text => viewCertificate(text, [])
  })
  const papers = { clock: ports.clock, ledger, catalogue: new Catalogue(products()), mode, press: new Press(null, font), handover: supervising['handover.view'], lamps: () => [], signal: new AbortController().signal }
  const gate = new Gate({ ...readersOf(projector), ...refusals(), ...recordReaders({ ledger, view: unit => projector.unit(unit), asides: () => asidesOf(ledger), verify: async () => await Promise.resolve(verifyLedger(ledger, ledger.setting('station') ?? '', [], [], vault)), behind: async (unit, limit) => await Promise.resolve(factsBehind(ledger, vault, unit, limit)) }), ...recordRefusals(), ...cloudRefusals(), ...serialRefusals(), ...careReaders(ledger, products()), ...careRefusals(), ...peopleReaders(people), ...peopleRefusals(), ...terminalRefusals(), ...supervisorRefusals(), ...settingsRefusals(), ...trainingRefusals(), ...supervising, ...paperReaders(papers), ...paperRefusals() }, log, READING)
  return { gate, [Symbol.dispose]: () => db[Symbol.dispose]() }
}

function openPeople(ports: Ports, ledger: Ledger, log: Log, { mode, wifi }: { readonly mode: Mode; readonly wifi: () => readonly WifiView[] }) {
  const people = new People(ports, ledger, mode === 'training' ? trainingPeople() : [])
  const badges = new BadgeDesk(ports.clock, ledger, log.child({ part: 'badges' }), people)
  return { people, badges, rights: new BenchRights(ledger, people, badges, (name, params) => needsOf(name, params, wifi)) }
}

function openWhy({ clock, proc }: Ports, config: Config, ledger: Ledger, bench: Bench, line: Line): Why {
  return new Why({
    clock, proc, ledger, listener: bench.listener, lanes: bench.lanes, goneMs: seconds(config['lan.goneSeconds']), waitingFor: unit => line.waitingFor(unit),
    dhcp: { view: () => bench.dhcp.view(), ipOf: mac => bench.dhcp.ipOf(mac), macOf: bench.addresses.macOf }, wayOut: () => wayOutFault(bench.wayOut)
  })
}

/** What is set, and how the rack display is drawn by it. */
function openSettings(ports: Ports, config: Config, ledger: Ledger, people: People, own: OwnConfig): { readonly settings: SettingsDesk; readonly drawing: ReturnType<typeof rackDrawing> } {
  const settings = new SettingsDesk(ledger, people, own, config)
  return { settings, drawing: rackDrawing(() => settings.now, ports.screens) }
}

function buildLine(ports: Ports, config: Config, log: Log, { ledger, catalogue, timing }: { readonly ledger: Ledger; readonly catalogue: Catalogue; readonly timing: Timing }, bench: Bench): Line {
  return new Line({ clock: ports.clock, ledger, log: log.child({ part: 'line' }), catalogue, timing, ...bench, dhcp: bench.addresses }, {
    dispatch: {
      take: config['lan.take'], accounts: () => bench.cloud.inOrder(), isDenied: (account, product) => bench.permissions.isDenied(account, product),
      centreOf: product => catalogue.find(product)?.centre ?? null, isFirstAlone: config.mode === 'live' && config['job.firstAlone'] === 'on'
    },
    resetSeconds: config['job.resetSeconds'], proofSeconds: config['job.proofSeconds'], settleSeconds: config['wave.settleSeconds'], claimSeconds: config['lan.claimSeconds'], isRehearsed: config.mode === 'live'
  })
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
  const wayOut = new WayOut(ports, log.child({ part: 'way out' }), { ...wayOutSettings(config, () => cloud.book.all()), card, address, gateway })
  const addresses = { on: (fn: (e: LeaseEvent) => void) => dhcp.on(fn), macOf, isLent: (ip: string) => dhcp.isServing && dhcp.macOf(ip) !== null, isServing: () => dhcp.isServing, avoid: (ip: string) => { dhcp.avoid(ip) }, view: () => dhcp.view() }
  const lanes = new Lanes(clock, log.child({ part: 'lanes' }), ports.switch, config['switch.ports'])
  return { wayOut, dhcp, addresses, lanes, listener, handover, cloud, serial, consoles: serial.consoles, seats: cloud.seats, permissions: cloud.permissions, till: cloud.till, relay: cloud.relay, poll: cloud.poll, presence }
}
type Bench = ReturnType<typeof buildBench>

/** Nobody has said where it came from: as if all of it stood on the command line. */
function givenConfig(config: Config): OwnConfig {
  const flags = Object.fromEntries(Object.entries(config).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(SETTINGS[key as keyof Config].value)).map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : String(value)])) // its own keys
  const load = (own: OwnSettings): LoadedConfig => loadSettings({ file: null, text: null, own, env: {}, flags })
  return { file: null, loaded: load({}), load, fault: null }
}

/** That of training is virtual (virtual/printer.ts); its labels bear the word. */
function openLabels(ports: Ports, config: Config, ledger: Ledger, catalogue: Catalogue, log: Log): { readonly printer: Printer; readonly labels: LabelDesk; readonly book: LabelBook } {
  const [address = '', port = '9100'] = config['printer.address'].split(':')
  const size = { widthMm: config['printer.widthMm'], heightMm: config['printer.heightMm'], dpi: Number(config['printer.dpi']) }
  const printer = new Printer(ports, log.child({ part: 'printer' }), { ...size, to: address === '' ? null : { address, port: Number(port) }, card: config['bench.card'] })
  const labels = new LabelDesk(ledger, printer, log.child({ part: 'labels' }), {
    ...size, mode: config.mode, rack: config['bench.rack'], turn: config['printer.rotate'], copies: config['printer.copies'], nameOf: product => catalogue.find(product)?.name.en ?? product
  })
  return { printer, labels, book: labelBookOf(ports.disk, log) }
}

/** undefined: not looked at. */
function wayOutFault(wayOut: WayOut): FaultView | null | undefined {
  const { state, fault } = wayOut.view()
  return state === 'open' ? null : state === 'closed' ? fault ?? undefined : undefined
}

/** Training has no way out of this computer. The line repeats the settings, so that it works without the file. */
function wayOutSettings(config: Config, accounts: () => readonly AccountPlace[]): Pick<WayOutSettings, 'isOn' | 'needs' | 'ntp' | 'line'> {
  const needs = config['wayOut.hosts'].map(parseNeed).filter(need => need !== null)
  return {
    isOn: config.mode === 'live' && config['wayOut.check'] === 'on', needs: () => needs.length > 0 ? needs : vendorNeeds(accounts()), ntp: config['wayOut.ntp'], line: benchNetLine(config)
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

function lampsOf(bench: Bench, watchman: Watchman, gate: Gate, sync: readonly SyncView[], printer: Printer, { fault: mistaken }: LabelBook): Lamp[] {
  const scanner = bench.serial.scanner.fault
  const printing = printer.view()
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
    { ...lamp('sync', sync.length === 0 ? 'off' : syncFault ? 'warn' : 'ok', syncFault, owed), since: oldestOf(sync) },
    lamp('scanner', scanner ? 'bad' : mistaken ? 'warn' : 'ok', (scanner ?? mistaken)?.toView() ?? null),
    lamp('display', gate.followers('display.changed') > 0 ? 'ok' : 'off'),
    lamp('internet', WAY_OUT_LAMP[wayOut.state], wayOut.fault),
    lamp('printer', printing.address === '' ? 'off' : printing.fault ? 'bad' : 'ok', printing.fault, printing.waiting)
  ]
}

function oldestOf(sync: readonly SyncView[]): Instant | null {
  const waiting = sync.flatMap(s => s.oldestUnsentAt ?? [])
  return waiting.length === 0 ? null : Math.min(...waiting)
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
async function startSerial(bench: Bench, gate: Gate, scope: Scope): Promise<void> {
  await bench.serial.start(scope)
  scope.own(bench.serial.terminals.on(heard => gate.tell('terminal.heard', heard)))
  bench.serial.scanner.start(scope, async text => { await gate.ask('scan', { text }, { host: 'local' }) })
}

function revealed(shown: ShownCode | null): { readonly wave: WaveId; readonly text: string } | null {
  return shown ? { wave: shown.wave, text: shown.code.reveal() } : null
}
