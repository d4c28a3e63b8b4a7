/**
 * What a unit says and hears on the LAN while it has an address: announcements on UDP 6666 or 6667, answers to questions
 * on 7000, the token by TCP 6668 (facts/tuya.md 4). Its damage is data of the profile (unit-damage.ts).
 */
import { millis, seconds } from '#shared'
import { EVERYBODY } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import type { BytePipe, Clock, Entropy, Net, UdpSocket } from '../ports.ts'
import { decodeDatagram, encodeAnnouncement } from '../wire/announcement.ts'
import { AP_KEY, COMMAND, decryptEcb, Decoder, encode55aa, encode6699, FRAME_BYTES_MAX, K3_KEY, UDP_KEY, type Frame } from '../wire/lan-frame.ts'
import { answerToken, damagedJson, nulsOf, owedOf } from './unit-damage.ts'
import type { UnitProfile } from './unit-profile.ts'
import type { UnitState } from './unit.ts'
import { Mail, Span } from './waits.ts'

const PORT = { plain: 6666, sealed: 6667, question: 7000, token: 6668 } as const // facts/tuya.md 4.2
const ANNOUNCE_MS = seconds(5) // facts/tuya.md 4.2
const CLIENTS_MAX = 3 // facts/tuya.md 4.2
const IDLE_MS = seconds(30) // facts/tuya.md 4.2, heartbeat time-out
const QUESTIONS_MAX = 16
const TOKEN_LENGTH = 14 // facts/tuya.md 2
/** A key nobody knows, for firmware that differs (facts/tuya.md 4.7). */
const OWN_KEY = new TextEncoder().encode('vendor-own-key-1')
const TOKEN_KEYS = { udp: UDP_KEY, k3: K3_KEY, ap: AP_KEY, own: OWN_KEY } as const
const REFUSAL = 'data format error' // facts/tuya.md 5, V5d

export type TokenAnswer = 'taken' | 'already' | 'refused' | 'silent'
export interface UnitBrain { state(): UnitState; take(token: string): TokenAnswer }
interface LanPorts { readonly clock: Clock; readonly entropy: Entropy; readonly net: Net; readonly card: string }

export class UnitLan {
  readonly #ports: LanPorts
  readonly #profile: UnitProfile
  readonly #brain: UnitBrain
  #sequence = 0
  /** Announcements made, of both kinds. */
  #announced = 0
  /** Announcements that are due at once, beside the usual one. */
  #owed = 0

  constructor(ports: LanPorts, profile: UnitProfile, brain: UnitBrain) {
    this.#ports = ports
    this.#profile = profile
    this.#brain = brain
  }

  /** Until the signal aborts. Faults of the ports (a port taken, the card gone) come out. */
  async serve(address: string, signal: AbortSignal): Promise<void> {
    const { net, card, clock } = this.#ports
    using ear = await net.udp({ card, port: PORT.question, address, broadcast: true })
    using voice = await net.udp({ card, port: 0, address, broadcast: true })
    await using _door = await net.listen({ card, address, port: PORT.token, connectionsMax: CLIENTS_MAX }, pipe => {
      this.#converse(pipe, signal).catch(() => undefined) // the other side went away; it may come again
    })
    signal.throwIfAborted()
    const questions = new Mail<string>(QUESTIONS_MAX)
    using _hearing = ear.on(bytes => { const to = readQuestion(bytes); if (to !== null) questions.offer(to) })
    for (let next: number = clock.monotonic(); ;) {
      const left = next - clock.monotonic()
      const asker = left <= 0 ? null : await questions.take(clock, millis(left), signal)
      if (asker !== null) this.#answer(ear, asker, address)
      else {
        for (; this.#profile.announces === 'by-itself' && this.#owed >= 0; this.#owed -= 1) this.#announce(voice, address)
        this.#owed = 0
        next = clock.monotonic() + ANNOUNCE_MS
      }
      signal.throwIfAborted()
    }
  }

  #announce(voice: UdpSocket, address: string): void {
    const { version } = this.#profile
    const bytes = this.#announcement(address, version)
    voice.send(bytes, { address: EVERYBODY, port: version < '3.3' ? PORT.plain : PORT.sealed })
  }

  /** By unicast to the address inside the question, not to where it came from (facts/tuya.md 4.6). */
  #answer(ear: UdpSocket, asker: string, address: string): void {
    if (this.#profile.version < '3.4' && this.#profile.announces === 'by-itself') return // older firmware does not know the question
    ear.send(this.#announcement(address, '3.5'), { address: asker, port: PORT.question })
  }

  /** In the wording of `version`. */
  #announcement(address: string, version: string): Uint8Array {
    const { fault } = this.#profile
    const json = damagedJson(this.#json(address), fault, this.#announced)
    this.#announced += 1
    return encodeAnnouncement({ json, version, sequence: 0, nonce: this.#nonce(), nuls: nulsOf(fault) })
  }

  #json(address: string): Readonly<Record<string, unknown>> {
    const { uuid, productKey, version, abilityKey, saysToken, kind } = this.#profile
    const { gwId, active } = this.#brain.state()
    return {
      ip: address, gwId, ...(version < '3.4' ? {} : { uuid }), active, [abilityKey]: kind === 'gateway' ? 1 : 0, mode: 0, encrypt: true, productKey, version,
      ...(saysToken ? { token: true } : {}), ...(version < '3.5' ? {} : { sl: 1 })
    }
  }

  /** One client of port 6668; returns when either side has had enough. */
  async #converse(pipe: BytePipe, signal: AbortSignal): Promise<void> {
    await using _pipe = pipe
    using talk = new Span(signal)
    const decoder = new Decoder({ hasReturnCode: false, gcmKeys: [this.#key], bytesMax: FRAME_BYTES_MAX })
    for (;;) {
      let bytes: Uint8Array | null
      {
        using _idle = this.#ports.clock.after(IDLE_MS, () => talk.end())
        bytes = await pipe.read(talk.signal)
      }
      if (bytes === null) return
      for (const frame of decoder.push(bytes)) {
        if (!await this.#reply(pipe, frame, signal)) return
      }
      if (decoder.malformed > 0 && this.#profile.fault === 'wrong-key-closed') return
    }
  }

  /** False: the unit hangs up. */
  async #reply(pipe: BytePipe, frame: Frame, signal: AbortSignal): Promise<boolean> {
    if (frame.command === COMMAND.HEART_BEAT) {
      await pipe.write(this.#frame(frame.command, 0, ''), signal)
      return true
    }
    if (frame.command !== COMMAND.TOKEN_BIND) return true
    const plain = this.#open(frame)
    if (plain === null) return this.#profile.fault !== 'wrong-key-closed'
    const token = readToken(plain)
    const answer = token === null ? 'refused' : this.#brain.take(token)
    if (answer === 'silent') return true
    const bytes = answer === 'refused' ? this.#frame(COMMAND.TOKEN_BIND, 1, REFUSAL) : this.#frame(COMMAND.TOKEN_BIND, 0, '')
    const { fault } = this.#profile
    if (answer === 'taken') this.#owed = owedOf(fault)
    return answerToken({ fault, bytes, frame: (command, text) => this.#frame(command, 0, text) }, pipe, this.#ports.clock, signal)
  }

  get #key(): Uint8Array {
    return TOKEN_KEYS[this.#profile.tokenKey]
  }

  /** Plain below 3.3, ECB in 3.3 and 3.4, and from 3.5 on a 6699 frame that the decoder has opened (facts/tuya.md 4.7). */
  #open(frame: Frame): Uint8Array | null {
    const { version } = this.#profile
    if (version >= '3.5') return frame.envelope === '6699' ? frame.payload : null
    if (frame.envelope !== '55aa') return null
    if (version < '3.3') return frame.payload
    try {
      return decryptEcb(this.#key, frame.payload)
    } catch (thrown) {
      if (thrown instanceof Fault) return null
      throw thrown
    }
  }

  #frame(command: number, returnCode: number, text: string): Uint8Array {
    this.#sequence += 1
    const frame = { sequence: this.#sequence, command, returnCode, payload: new TextEncoder().encode(text) }
    return this.#profile.version < '3.5' ? encode55aa(frame) : encode6699({ ...frame, key: this.#key, nonce: this.#nonce() })
  }

  #nonce(): Uint8Array {
    return this.#ports.entropy.bytes(12)
  }
}

/** Where the answer shall go, or null when these bytes are no question. */
function readQuestion(bytes: Uint8Array): string | null {
  try {
    const datagram = decodeDatagram(bytes, PORT.question)
    return datagram.kind === 'question' ? datagram.ip : null
  } catch (thrown) {
    if (thrown instanceof Fault) return null
    throw thrown
  }
}

/** `{"token":"<14 chars>"}`, with or without NUL bytes behind it (facts/tuya.md 4.3). */
function readToken(plain: Uint8Array): string | null {
  const text = new TextDecoder().decode(plain).replace(/\0+$/, '')
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || !('token' in json)) return null
    return typeof json.token === 'string' && json.token.length === TOKEN_LENGTH ? json.token : null
  } catch {
    return null
  }
}
