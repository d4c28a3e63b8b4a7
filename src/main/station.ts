/**
 * Builds the station from ports and configuration: equipment, line, gate, in reading order. No container, no registry; the
 * root scope owns everything and closes it in reverse.
 */
import models from '../../resources/models.json' with { type: 'json' }
import { METHODS, minutes, seconds, type Lamp, type LampName, type Mode, type NetworkView, type SyncView } from '#shared'
import type { Access } from './access.ts'
import { handlersOf, rateOf, readersOf, refusals } from './answers.ts'
import { CloudClient } from './bench/cloud.ts'
import { DhcpServer } from './bench/dhcp-server.ts'
import { Handover } from './bench/handover.ts'
import { Ledger } from './bench/ledger.ts'
import { LanListener } from './bench/listener.ts'
import type { Log } from './bench/log.ts'
import { OpenApiSource } from './bench/openapi-source.ts'
import { Presence } from './bench/presence.ts'
import { ResultPoll } from './bench/result-poll.ts'
import { assertReadable } from './bench/schema.ts'
import { Scope } from './bench/scope.ts'
import { TokenDesk } from './bench/token-desk.ts'
import { TokenTill } from './bench/token-till.ts'
import { splitCidr, SETTINGS, type Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import { Catalogue, type Product } from './domain/product.ts'
import { Gate } from './gate/gate.ts'
import { Projector } from './gate/projector.ts'
import { Acts } from './line/acts.ts'
import { Line } from './line/line.ts'
import { Outbox } from './line/11-sync.ts'
import type { Database, Disk, Entropy, Ports, Secrets } from './ports.ts'
import { SEED_BYTES, StationKey } from './wire/signing.ts'

export interface StationOptions { readonly dataDir: string; readonly log: Log; readonly version: string; readonly access: Access }
export interface Station { readonly gate: Gate; readonly ledger: Ledger; close(): Promise<void> }

/** Each world has its own ledger and its own key. */
export const ledgerPath = (dataDir: string, mode: Mode): string => `${dataDir}/${mode}/ledger.db`
const keyPath = (mode: Mode): string => `${mode}/station.key`

/** Faults: those of opening the ledger. Trouble of the bench is shown, not thrown. */
export async function createStation(ports: Ports, config: Config, options: StationOptions): Promise<Station> {
  const worlds = new Set([ports.net.world, ports.serial.world, ports.web.world])
  if (worlds.size > 1) throw new Fault('program.unexpected', { text: 'live and virtual ports may not mix' })
  const { clock } = ports
  const { log, access } = options
  const mode = config.mode
  const scope = new Scope('station')
  try {
    const db = scope.own(ports.sql.open(ledgerPath(options.dataDir, mode)))
    const ledger = new Ledger(db, ports, log.child({ part: 'ledger' }))
    const key = stationKey(ports.disk, ports.secrets, ports.entropy, mode)
    const station = stationId(ledger)
    const catalogue = new Catalogue(products())

    const bench = buildBench(ports, config, access, ledger, log)
    const line = new Line({ clock, ledger, log: log.child({ part: 'line' }), catalogue, ...bench }, {
      dispatch: { take: config['lan.take'], quota: quotaOf(config), accounts: access.accounts },
      resetSeconds: config['job.resetSeconds'], proofSeconds: config['job.proofSeconds'], settleSeconds: config['wave.settleSeconds'], claimSeconds: config['lan.claimSeconds']
    })
    const outbox = access.centralUrl === '' ? null : new Outbox(ports, ledger, log.child({ part: 'sync' }), { destination: 'central', url: `${access.centralUrl.replace(/\/+$/, '')}/v1/events`, station, sign: body => key.sign(body) })

    let touchDisplay: () => void = () => undefined
    const acts = new Acts(line, { rack: config['bench.rack'], seatsPerToken: config['quota.seatsPerToken'], wifi: access.wifi }, () => touchDisplay())
    const sync = (): readonly SyncView[] => outbox ? [outbox.view()] : []
    const projector = new Projector({
      clock, ledger, presence: bench.presence, catalogue, mode, station, version: options.version, isRunning: true, lanes: config['bench.lanes'], rack: config['bench.rack'],
      quota: quotaOf(config), accounts: access.accounts.map(a => a.id), waitingFor: unit => line.waitingFor(unit), sync,
      lamps: () => lampsOf(bench, gate, sync()), network: () => networkOf(ports, config, bench),
      shownCode: () => acts.shown ? { wave: acts.shown.wave, text: acts.shown.code.reveal() } : null
    })
    const gate = new Gate(handlersOf({ clock, acts, ledger, projector, setRate: rateOf(clock) }), log.child({ part: 'gate' }))

    ledger.append({ body: { kind: 'station.started', version: options.version, mode, publicKey: key.publicHex } })
    scope.own(() => { ledger.append({ body: { kind: 'station.stopped' } }) })
    const told = gate.run(clock, projector, scope)
    touchDisplay = told.touchDisplay
    scope.own(ledger.on(facts => {
      projector.follow(facts)
      told.touch()
    }))
    bench.presence.start(scope)
    line.start(scope)
    acts.start(scope)
    await bench.dhcp.start(scope)
    await bench.listener.start(scope)
    outbox?.start(scope)
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
  const projector = new Projector({
    clock: ports.clock, ledger, presence: null, catalogue: new Catalogue(products()), mode, station: ledger.setting('station') ?? '', version, isRunning: false, lanes: 0, rack: '',
    quota, accounts, waitingFor: () => null, lamps: () => [], shownCode: () => null, sync: () => storedSync(ledger), network: () => storedNetwork(db)
  })
  const gate = new Gate({ ...readersOf(projector), ...refusals() }, log)
  return { gate, [Symbol.dispose]: () => db[Symbol.dispose]() }
}

function buildBench(ports: Ports, config: Config, access: Access, ledger: Ledger, log: Log) {
  const { clock } = ports
  const { address, prefix } = splitCidr(config['bench.address'])
  const card = config['bench.card']
  const dhcp = new DhcpServer(ports, ledger.db, log.child({ part: 'dhcp' }), {
    card, address, prefix, poolStart: config['dhcp.poolStart'], poolEnd: config['dhcp.poolEnd'], leaseMs: seconds(config['dhcp.leaseSeconds']),
    router: config['dhcp.router'] === '' ? null : config['dhcp.router'], dns: config['dhcp.dns'], probeMs: seconds(config['dhcp.probeSeconds'])
  })
  const listener = new LanListener(ports, log.child({ part: 'lan' }), { card, address, prefix, askEveryMs: seconds(config['lan.askSeconds']) })
  const handover = new Handover(ports, log.child({ part: 'handover' }), { card, address, connectMs: seconds(5), candidateMs: seconds(12) })
  const clients = access.accounts.map(account => new CloudClient(ports, log.child({ part: 'cloud' }), { account, deadlineMs: seconds(config['cloud.deadlineSeconds']) }))
  const source = new OpenApiSource(clients, log.child({ part: 'cloud' }), config.mode === 'training' ? 'virtual' : 'openapi')
  const seatsMax = config['quota.seatsPerToken']
  const desk = new TokenDesk(clock, log.child({ part: 'tokens' }), source, { seatsMax, stopBeforeEndMs: seconds(20) })
  const till = new TokenTill(ledger, desk, ports, { seatsMax })
  const poll = new ResultPoll(clock, till, log.child({ part: 'results' }), { pollMs: seconds(config['cloud.pollSeconds']) })
  const presence = new Presence(clock, log.child({ part: 'presence' }), { goneMs: seconds(config['lan.goneSeconds']) })
  return { dhcp, listener, handover, clients, till, poll, presence }
}
type Bench = ReturnType<typeof buildBench>

function lampsOf(bench: Bench, gate: Gate, sync: readonly SyncView[]): Lamp[] {
  const dhcp = bench.dhcp.view()
  const lamp = (name: LampName, state: Lamp['state'], fault: Lamp['fault'] = null, value: number | null = null): Lamp => ({ name, state, fault, value })
  const cloudFault = bench.clients.map(c => c.state.fault).find(f => f !== null) ?? bench.poll.fault
  const offset = bench.clients.map(c => c.serverOffsetMs).find(o => o !== null) ?? null
  const isClockWrong = offset !== null && Math.abs(offset) > minutes(1)
  const owed = sync.reduce((sum, s) => sum + s.last - s.acked, 0)
  const syncFault = sync.find(s => s.fault !== null)?.fault ?? null
  return [
    lamp('cloud', bench.clients.length === 0 ? 'off' : cloudFault ? 'bad' : 'ok', cloudFault),
    lamp('card', dhcp.state === 'fault' ? 'bad' : dhcp.state === 'off' ? 'off' : 'ok', dhcp.state === 'fault' ? dhcp.fault : null),
    lamp('guard', dhcp.state === 'foreign' ? 'bad' : dhcp.state === 'serving' ? 'ok' : 'warn', dhcp.state === 'foreign' ? dhcp.fault : null),
    lamp('clock', isClockWrong ? 'bad' : 'ok', isClockWrong ? { code: 'cloud.clock-wrong', context: { offsetMs: offset } } : null),
    lamp('sync', sync.length === 0 ? 'off' : syncFault ? 'warn' : 'ok', syncFault, owed),
    lamp('scanner', 'ok'),
    lamp('display', gate.followers('display.changed') > 0 ? 'ok' : 'off')
  ]
}

function networkOf(ports: Ports, config: Config, bench: Bench): Omit<NetworkView, 'clock'> {
  const card = ports.net.interfaces().find(c => c.name === config['bench.card'])
  const { binding, ...dhcp } = bench.dhcp.view()
  return {
    card: card ? { name: card.name, mac: card.mac, address: card.addresses[0]?.address ?? null, up: card.up && card.hasLink !== false, binding } : null,
    dhcp, lan: bench.listener.view(), leases: bench.dhcp.leases()
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

function stationKey(disk: Disk, secrets: Secrets, entropy: Entropy, mode: Mode): StationKey {
  const found = disk.read(keyPath(mode))
  if (found) return new StationKey(secrets.open(found))
  const seed = entropy.bytes(SEED_BYTES)
  disk.writeAtomic(keyPath(mode), secrets.seal(seed), 0o600)
  return new StationKey(seed)
}

function stationId(ledger: Ledger): string {
  const found = ledger.setting('station')
  if (found !== null) return found
  const made = ledger.newId()
  ledger.keepSetting('station', made)
  return made
}

function quotaOf(config: Config): { accountPerDay: number; productPerDay: number } {
  return { accountPerDay: config['quota.accountPerDay'], productPerDay: config['quota.productPerDay'] }
}

function products(): Product[] {
  const kinds = ['camera', 'nvr', 'dvr', 'gateway', 'base-station'] as const
  return models.map(m => ({
    ...m, method: METHODS.find(x => x === m.method) ?? 'wired', kind: kinds.find(k => k === m.kind) ?? 'gateway', resetWhen: m.resetWhen === 'power-on' ? 'power-on' : 'powered'
  }))
}
