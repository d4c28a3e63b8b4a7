/**
 * A returned unit: boots, comes back bound, obeys its reset button, takes a token by wire or by code, activates at the
 * cloud, is released and resets itself (facts/tuya.md 6 and 11). It knows ports only, so the same unit lives on the
 * virtual LAN and on a real card.
 */
import { millis, seconds, type Millis } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Clock, Entropy, Net, Web } from '../ports.ts'
import { decodePairing } from '../wire/pairing.ts'
import type { AddressSource } from './dhcp-client.ts'
import { UnitLan, type TokenAnswer } from './unit-lan.ts'
import type { UnitProfile } from './unit-profile.ts'
import { Span } from './waits.ts'

/** An account that is refused tries again for ever (facts/tuya.md 6.2); ours slows down, so that it can run for days. */
const RETRY_MS = seconds(1)
const RETRY_MS_MAX = seconds(10)
const CLOUD_MS = seconds(10)
const ANSWER_BYTES_MAX = 64 * 1024
/** After a failure of its own ports (a port taken, a card gone) it looks again. */
const TROUBLE_MS = seconds(5)
/** From the lease of a camera to its first step of activation. */
const JOIN_MS = seconds(1)
/** From the last token frame to the loss of power, of a unit that dies of it. */
const LAST_BREATH_MS = seconds(1)

export type Light = 'off' | 'red-steady' | 'red-blinking' | 'green-blinking' | 'green-steady'
type UnitPhase = 'off' | 'starting' | 'bound' | 'ready' | 'activating' | 'released'
export interface UnitState {
  readonly phase: UnitPhase
  readonly light: Light
  readonly active: 0 | 1 | 2
  /** Before activation the uuid, then the device id (facts/tuya.md 4.5). */
  readonly gwId: string
  readonly address: string | null
  readonly isPlugged: boolean
  /** How often the cloud has released it. */
  readonly releases: number
}

interface Cable { plug(): void; unplug(): void }
export interface Wifi { readonly ssid: string; readonly password: string }
export interface UnitPorts {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly net: Net
  readonly web: Web
  readonly card: string
  readonly address: AddressSource
  readonly cloudUrl: string
  /** Not on a real card: a program cannot pull its own plug. */
  readonly cable?: Cable
  /** The network in the air, for cameras. */
  readonly wifi?: Wifi
}
/** Any `Log` fits. */
export interface UnitLog { info(text: string, fields?: Readonly<Record<string, unknown>>): void; warn(text: string, fields?: Readonly<Record<string, unknown>>): void }

export class VirtualUnit {
  readonly profile: UnitProfile
  readonly #ports: UnitPorts
  readonly #log: UnitLog
  readonly #lan: UnitLan
  readonly #watchers = new Set<(state: UnitState) => void>()
  #state: UnitState
  #isPowered = false
  #isDead: boolean
  /** What its memory says: the account it is bound to. */
  #deviceId: string | null
  #bootMs: Millis
  #boot: Span | null = null
  #link: Span | null = null

  constructor(ports: UnitPorts, profile: UnitProfile, log: UnitLog) {
    this.profile = profile
    this.#ports = ports
    this.#log = log
    this.#deviceId = profile.deviceId
    this.#bootMs = profile.bootMs
    this.#isDead = profile.fault === 'dead'
    this.#state = { phase: 'off', light: 'off', active: profile.deviceId === null ? 0 : 2, gwId: profile.deviceId ?? profile.uuid, address: null, isPlugged: false, releases: 0 }
    this.#lan = new UnitLan(ports, profile, { state: () => this.#state, take: token => this.#takeToken(token) })
  }

  get state(): UnitState {
    return this.#state
  }

  get isPowered(): boolean {
    return this.#isPowered
  }

  get light(): Light {
    return this.#state.light
  }

  on(fn: (state: UnitState) => void): Disposable {
    this.#watchers.add(fn)
    return { [Symbol.dispose]: () => { this.#watchers.delete(fn) } }
  }

  /** Lives until the signal aborts; does nothing until it is powered. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#isPowered) await this.#live(signal)
      else await this.#next(signal).catch(() => undefined) // only the end of it all
    }
    this.#set({ phase: 'off', light: 'off', address: null })
  }

  powerOn(): void {
    if (this.#isPowered || this.#isDead) return
    this.#isPowered = true
    this.#bootMs = this.profile.bootMs
    this.#set({ phase: 'starting', light: 'red-steady' })
  }

  powerOff(): void {
    this.#isPowered = false
    if (this.profile.fault === 'forgets-reset' && this.#state.releases === 0) this.#deviceId = this.profile.deviceId
    this.#boot?.end()
    this.#set({ phase: 'off', light: 'off', address: null })
  }

  plug(): void {
    if (this.#state.isPlugged) return
    this.#ports.cable?.plug()
    this.#set({ isPlugged: true })
  }

  unplug(): void {
    this.#ports.cable?.unplug()
    this.#link?.end()
    this.#set({ isPlugged: false })
  }

  /** The button, held as long as the product wants it. */
  pressReset(): void {
    if (!this.#isPowered || this.#state.phase === 'starting' || this.profile.fault === 'deaf-to-reset') return
    this.#restart(null)
  }

  /** A code in front of the lens. True when the camera has read it: its light changes. */
  readCode(text: string): boolean {
    if (this.profile.method !== 'qr' || this.#state.phase !== 'ready' || this.#state.light !== 'red-blinking' || this.profile.fault === 'never-sees-code') return false
    const boot = this.#boot
    const code = readPairing(text)
    if (boot === null || code === null) return false
    this.#set({ light: 'green-blinking' })
    const { wifi } = this.#ports
    if (wifi?.ssid !== code.ssid || wifi.password !== code.password) return true // blinks on and never joins
    this.plug()
    this.#background(this.#activate(code.token, boot.signal), boot.signal)
    return true
  }

  /** One boot: from the first light to the next restart, power cut or end. */
  async #live(signal: AbortSignal): Promise<void> {
    using boot = new Span(signal)
    this.#boot = boot
    this.#set({ phase: 'starting', light: 'red-steady', address: null })
    try {
      await this.#ports.clock.sleep(this.#bootMs, boot.signal)
      if (this.#deviceId !== null) this.#set({ phase: 'bound', light: 'green-steady', active: 2, gwId: this.#deviceId })
      else this.#set({ phase: 'ready', light: 'red-blinking', active: 0, gwId: this.profile.uuid })
      using _tired = this.#ports.clock.after(this.profile.pairingMs, () => this.#tire(boot.signal))
      await this.#network(boot.signal)
    } catch (thrown) {
      if (!boot.signal.aborted) throw thrown
    } finally {
      this.#boot = null
    }
  }

  /** A camera looks for a code for some minutes only. */
  #tire(signal: AbortSignal): void {
    if (!signal.aborted && this.profile.method === 'qr' && this.#state.phase === 'ready' && this.#state.light === 'red-blinking') this.#set({ light: 'off' })
  }

  async #network(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.#state.isPlugged || this.profile.fault === 'no-dhcp') {
        await this.#next(signal)
        continue
      }
      using link = new Span(signal)
      this.#link = link
      try {
        await this.#hold(link.signal)
      } catch (thrown) {
        if (link.signal.aborted) continue
        this.#log.warn('the unit has trouble with its network', { unit: this.profile.tag, fault: Fault.from(thrown).code, ...Fault.from(thrown).context })
        await this.#ports.clock.sleep(TROUBLE_MS, signal)
      } finally {
        this.#link = null
        this.#set({ address: null })
      }
    }
  }

  /** Speaks on the LAN for as long as there is an address, each time under a life of its own. */
  async #hold(signal: AbortSignal): Promise<void> {
    using whole = new Span(signal)
    const trouble = Promise.withResolvers<never>()
    let speaking: Span | null = null
    const told = (address: string | null): void => {
      speaking?.end()
      speaking = null
      this.#set({ address })
      if (address === null) return
      const span = new Span(whole.signal)
      speaking = span
      this.#lan.serve(address, span.signal).catch((thrown: unknown) => { if (!span.signal.aborted) trouble.reject(thrown) })
    }
    await Promise.race([this.#ports.address.hold(told, whole.signal), trouble.promise])
  }

  #takeToken(token: string): TokenAnswer {
    const { fault } = this.profile
    const { phase } = this.#state
    const boot = this.#boot
    if (fault === 'never-reacts') return 'silent'
    if (boot === null || phase !== 'ready') return 'already' // code 0 and no more (facts/tuya.md 4.7, older generation)
    if (fault === 'refuses') return 'refused'
    this.#background(this.#activate(token, boot.signal), boot.signal)
    return 'taken'
  }

  async #activate(token: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports
    const { fault } = this.profile
    if (this.profile.method === 'qr') await this.#join(signal)
    this.#set({ phase: 'activating', active: 1, light: 'green-blinking' })
    if (fault === 'dies-after-ask') {
      await clock.sleep(LAST_BREATH_MS, signal)
      this.#isDead = true
      this.powerOff()
    }
    if (fault === 'keeps-trying') return
    await clock.sleep(this.profile.activateMs, signal)
    let wait = RETRY_MS
    for (;;) {
      const deviceId = await this.#askCloud(token, signal)
      if (deviceId !== null) {
        this.#set({ phase: 'released', active: 2, gwId: deviceId, light: 'green-steady', releases: this.#state.releases + 1 })
        break
      }
      await clock.sleep(wait, signal)
      wait = millis(Math.min(RETRY_MS_MAX, wait * 1.5))
    }
    await clock.sleep(this.profile.releasedMs, signal)
    this.#restart(null)
  }

  /** A camera is on the network, and announces itself, before it starts to activate. */
  async #join(signal: AbortSignal): Promise<void> {
    while (this.#state.address === null) await this.#next(signal)
    await this.#ports.clock.sleep(JOIN_MS, signal)
  }

  /** The device id of the activation that released it, or null: not now. */
  async #askCloud(token: string, signal: AbortSignal): Promise<string | null> {
    const { uuid, mac, productKey, deviceId } = this.profile
    if (this.#state.address === null) return null
    try {
      const answer = await this.#ports.web.request({
        method: 'POST', url: `${this.#ports.cloudUrl}/device/activate`, headers: { 'content-type': 'application/json' },
        body: new TextEncoder().encode(JSON.stringify({ uuid, mac, productKey, token, previousDeviceId: deviceId, ip: this.#state.address })),
        deadlineMs: CLOUD_MS, bytesMax: ANSWER_BYTES_MAX
      }, signal)
      const said = readActivation(answer.body)
      this.#log.info('the cloud answered the unit', { unit: this.profile.tag, said: said.text })
      return said.deviceId
    } catch (thrown) {
      signal.throwIfAborted()
      this.#log.info('the unit does not reach the cloud', { unit: this.profile.tag, fault: Fault.from(thrown).code })
      return null
    }
  }

  /** Silent, then up again with a new memory. */
  #restart(deviceId: string | null): void {
    this.#deviceId = deviceId
    this.#bootMs = this.profile.rebootMs
    if (this.profile.method === 'qr') this.unplug() // it forgets the Wi-Fi
    this.#boot?.end()
    this.#set({ phase: 'starting', light: 'red-steady', address: null })
  }

  #background(work: Promise<void>, signal: AbortSignal): void {
    work.catch((thrown: unknown) => {
      if (!signal.aborted) this.#log.warn('the unit failed', { unit: this.profile.tag, text: Fault.from(thrown).code })
    })
  }

  #set(change: Partial<UnitState>): void {
    const next = { ...this.#state, ...change }
    const isSame = Object.keys(change).every(key => Object.is(next[key as keyof UnitState], this.#state[key as keyof UnitState])) // keys of a Partial<UnitState>
    this.#state = next
    if (!isSame) this.#tell()
  }

  #tell(): void {
    for (const fn of this.#watchers) fn(this.#state)
  }

  /** Resolves at the next change of state, or when the signal aborts. */
  async #next(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => resolve()
    using _watching = this.on(wake)
    signal.addEventListener('abort', wake, { once: true })
    await promise
    signal.removeEventListener('abort', wake)
    signal.throwIfAborted()
  }
}

function readPairing(text: string): { readonly ssid: string; readonly password: string; readonly token: string } | null {
  try {
    return decodePairing(text)
  } catch (thrown) {
    if (thrown instanceof Fault) return null
    throw thrown
  }
}

/** `{"result":{"outcome":"released","deviceId":...}}`; whatever else it says is kept as a short text. */
function readActivation(body: Uint8Array): { readonly deviceId: string | null; readonly text: string } {
  const text = new TextDecoder().decode(body)
  try {
    const answer: unknown = JSON.parse(text)
    const result: unknown = isObject(answer) ? answer['result'] : null
    if (isObject(result) && result['outcome'] === 'released' && typeof result['deviceId'] === 'string') return { deviceId: result['deviceId'], text: 'released' }
  } catch { /* not JSON: said below */ }
  return { deviceId: null, text: text.slice(0, 200) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
