/**
 * A whole bench that does not exist: the station's ports, the LAN, the returned units and cameras, the cloud they are
 * bound in. Everything follows from the seed; disposing of the world ends every unit and leaves no timer.
 */
import models from '../../../resources/models.json' with { type: 'json' }
import type { Instant, Method } from '#shared'
import { METHODS } from '#shared'
import type { Disk, Ports, Sql, Web } from '../ports.ts'
import { VirtualClock } from './clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud, type VirtualAccount, type VirtualCloudOptions } from './cloud.ts'
import { DhcpClient } from './dhcp-client.ts'
import { VirtualDisk } from './disk.ts'
import { SeededEntropy } from './entropy.ts'
import { VirtualLan, type VirtualCard, type VirtualNet } from './lan.ts'
import { VirtualProc } from './proc.ts'
import { VirtualScreens } from './screens.ts'
import { VirtualSecrets } from './secrets.ts'
import { VirtualSerial } from './serial.ts'
import { VirtualSwitch } from './switch.ts'
import { VirtualUnit, type UnitLog, type Wifi } from './unit.ts'
import { makeProfile, type Model, type UnitFault, type UnitProfile } from './unit-profile.ts'
import { Span } from './waits.ts'
import { VirtualWeb } from './web.ts'

export const BENCH_CARD = 'bench0'
const OFFICE_CARD = 'office0'
export const CLOUD_URL = 'https://openapi.virtual'
/** Where history is delivered. */
export const CENTRAL_URL = 'https://central.virtual'
export const VIRTUAL_WIFI: Wifi = { ssid: 'RETURNS-BENCH', password: 'bench-2026!' }
/** The one product the virtual account may not unbind. */
export const FORBIDDEN_PRODUCT = 'dvr4wired0000001'
const CAMERAS_PER_PRODUCT = 30 // a wave, facts/unbinding.md
/** Units that exist at one time. */
const UNITS_MAX = 5000

/** Number of the unit (RB-0003 is 3) or of the camera to what is wrong with it. */
export type FaultPlan = Readonly<Record<number, UnitFault>>
/** What training shows: three reasons for failing by wire, two for cameras. */
export const TRAINING_FAULTS: { readonly units: FaultPlan; readonly cameras: FaultPlan } = {
  units: { 3: 'refuses', 5: 'never-reacts', 7: 'no-permission' },
  cameras: { 11: 'never-sees-code', 23: 'keeps-trying' }
}

export interface WorldOptions {
  readonly seed: number
  readonly sql: Sql
  /** Wired ones. */
  readonly units?: number
  readonly cameras?: number
  readonly disk?: Disk
  readonly pace?: 'free' | number
  readonly startAt?: Instant
  readonly faults?: FaultPlan
  readonly cameraFaults?: FaultPlan
  /** Another internet than the world's own cloud: then nothing here knows what is bound. */
  readonly internet?: Web
  /** Last word on any profile. */
  readonly shape?: (profile: UnitProfile) => UnitProfile
  readonly log?: UnitLog
  /** Beside the one every bench is born with. */
  readonly accounts?: readonly VirtualAccount[]
  readonly limits?: NonNullable<VirtualCloudOptions['limits']>
}

/** `product`: all of this one. `owner`: not for the virtual operator, who finds them in neither list. */
export interface DeliveryWish { readonly product?: string; readonly owner?: 'exercise' }

const SILENT: UnitLog = { info: () => undefined, warn: () => undefined }

export class World implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly entropy: SeededEntropy
  readonly lan: VirtualLan
  readonly office: VirtualLan
  readonly cloud: VirtualCloud
  readonly web: VirtualWeb
  /** Of the bench; read by the station only where `switch.ports` is set. */
  readonly switch: VirtualSwitch
  readonly ports: Ports
  readonly #options: WorldOptions
  readonly #internet: Web
  readonly #life = new AbortController()
  readonly #units = new Map<VirtualUnit, { readonly span: Span; readonly card: VirtualCard; readonly ended: Promise<void> }>()
  readonly #owned = new Set<VirtualUnit>()
  readonly #made: Record<Method, number> = { wired: 0, qr: 0 }
  readonly #station: VirtualNet

  constructor(options: WorldOptions) {
    this.#options = options
    this.clock = new VirtualClock({ pace: options.pace ?? 'free', ...(options.startAt === undefined ? {} : { startAt: options.startAt }) })
    this.entropy = new SeededEntropy(options.seed)
    const { clock, entropy } = this
    this.lan = new VirtualLan({ clock, entropy: entropy.child('lan') })
    this.office = new VirtualLan({ clock, entropy: entropy.child('office') })
    this.#station = this.lan.card(BENCH_CARD, '02:57:00:00:00:01', [{ address: '10.77.0.1', prefix: 24 }])
    this.office.card(OFFICE_CARD, '02:57:00:00:00:02', [{ address: '192.168.50.10', prefix: 24 }], { net: this.#station, hasDefaultRoute: true })
    const permitted = models.map(m => m.productKey).filter(key => key !== FORBIDDEN_PRODUCT)
    this.cloud = new VirtualCloud({ clock, entropy: entropy.child('cloud'), accounts: [{ ...VIRTUAL_ACCOUNT, products: permitted }, ...options.accounts ?? []], ...options.limits === undefined ? {} : { limits: options.limits } })
    this.web = new VirtualWeb(clock, this.cloud)
    this.#internet = options.internet ?? this.web
    this.switch = new VirtualSwitch(this.lan)
    this.ports = {
      clock, entropy: entropy.child('station'), net: this.#station, serial: new VirtualSerial(clock), web: this.#internet, sql: options.sql,
      disk: options.disk ?? new VirtualDisk(), proc: new VirtualProc(), secrets: new VirtualSecrets(), screens: new VirtualScreens(), switch: this.switch
    }
    this.deliver('wired', options.units ?? 0, n => options.faults?.[n] ?? null)
    this.deliver('qr', options.cameras ?? 0, n => options.cameraFaults?.[n] ?? null)
  }

  /** The station's card on the bench; pull its cable with `unplug`. */
  get benchCard(): VirtualCard {
    return this.#station.card(BENCH_CARD)
  }

  /** Wired ones that have been delivered and not sent on; those of an exercise are not among them. */
  get units(): readonly VirtualUnit[] {
    return this.#of('wired')
  }

  get cameras(): readonly VirtualUnit[] {
    return this.#of('qr')
  }

  /** A new delivery, switched off and unplugged; numbers go on, so nobody comes twice. */
  deliver(method: Method, count: number, faultOf: (n: number) => UnitFault | null = () => null, wish: DeliveryWish = {}): readonly VirtualUnit[] {
    if (this.#units.size + count > UNITS_MAX) throw new RangeError(`a world holds at most ${UNITS_MAX} units`)
    const units = Array.from({ length: count }, () => this.#make(method, faultOf, wish.product))
    if (wish.owner === 'exercise') for (const unit of units) this.#owned.add(unit)
    return units
  }

  /** A unit leaves the house: its card is gone from the LAN. */
  async sendOn(unit: VirtualUnit): Promise<void> {
    const held = this.#units.get(unit)
    if (held === undefined) return
    this.#units.delete(unit)
    this.#owned.delete(unit)
    held.span.end()
    await held.ended
    this.lan.forget(held.card)
  }

  /** Lets virtual time pass until the promise settles. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.run(promise)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort()
    await Promise.all(Array.from(this.#units.values(), u => u.ended))
    this.#units.clear()
    this.cloud[Symbol.dispose]()
    this.clock.stop()
  }

  #of(method: Method): readonly VirtualUnit[] {
    return [...this.#units.keys()].filter(u => u.profile.method === method && !this.#owned.has(u))
  }

  #make(method: Method, faultOf: (n: number) => UnitFault | null, product?: string): VirtualUnit {
    this.#made[method] += 1
    const profile = this.#profile(method, this.#made[method], faultOf(this.#made[method]), product)
    const { clock } = this
    const web = this.#internet
    const { mac, serial, kind, productKey, uuid, deviceId } = profile
    const entropy = this.entropy.child(profile.tag)
    const net = this.lan.card('eth0', mac, [], { isPlugged: false })
    const card = net.card()
    const address = new DhcpClient({ clock, entropy: entropy.child('dhcp'), net }, {
      card: card.name, mac, hostName: `${kind}-${serial}`, vendorClass: 'udhcp 1.35.0', isForgetful: profile.fault === 'new-address', assign: own => card.setAddresses(own === null ? [] : [own])
    })
    const unit = new VirtualUnit({ clock, entropy, net, web, card: card.name, address, cloudUrl: CLOUD_URL, cable: card, wifi: VIRTUAL_WIFI }, profile, this.#options.log ?? SILENT)
    if (deviceId !== null) this.cloud.register({ uuid, mac, productKey, serial, deviceId })
    const span = new Span(this.#life.signal)
    this.#units.set(unit, { span, card, ended: unit.start(span.signal) })
    return unit
  }

  #profile(method: Method, n: number, fault: UnitFault | null, product?: string): UnitProfile {
    const before = fault === 'duplicate-id' ? this.#of(method).at(-1)?.profile.uuid : undefined
    const profile = makeProfile(modelOf(method, n, fault, product), n, this.entropy.child(`${method}${n}`), { fault, ...(before === undefined ? {} : { uuid: before }) })
    return this.#options.shape?.(profile) ?? profile
  }
}

/** Wired products take turns; cameras come as whole waves of one product. */
function modelOf(method: Method, n: number, fault: UnitFault | null, product?: string): Model {
  const known: readonly Model[] = models.map(m => ({ ...m, method: METHODS.find(x => x === m.method) ?? 'wired' }))
  const fitting = known.filter(m => m.method === method && (product === undefined ? (m.productKey === FORBIDDEN_PRODUCT) === (fault === 'no-permission') : m.productKey === product))
  const model = fitting[(method === 'wired' ? n - 1 : Math.floor((n - 1) / CAMERAS_PER_PRODUCT)) % fitting.length]
  if (model === undefined) throw new RangeError(`no model for a ${method} unit${fault === null ? '' : ` that ${fault}`}`)
  return model
}
