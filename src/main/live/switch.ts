/**
 * Switch by SNMP v2c: the forwarding table of BRIDGE-MIB (RFC 4188, dot1dTpFdbPort) and, where a switch keeps it by VLAN,
 * that of Q-BRIDGE-MIB (RFC 4363, dot1qTpFdbPort); which ports have a link by ifOperStatus (RFC 2863), through the interface
 * each bridge port stands for (dot1dBasePortIfIndex). Reads only; one short-lived session a question; a switch that does not
 * answer, or knows another community, is `switch.silent`.
 */
import { createSession, isVarbindError, Version2c, type Session, type Varbind } from 'net-snmp'
import { Fault } from '../domain/fault.ts'
import type { Forwarding, Switch } from '../ports.ts'

export interface SnmpSettings {
  readonly address: string
  readonly port?: number
  readonly community: string
  /** The address to ask from, when the switch is on the bench. */
  readonly from?: string
}

const SNMP_PORT = 161
/** By MAC, and by VLAN and MAC; the last six numbers of an instance are the MAC. */
const TABLES = ['1.3.6.1.2.1.17.4.3.1.2', '1.3.6.1.2.1.17.7.1.2.2.1.2'] as const
const MAC_BYTES = 6
const INTERFACE_OF_PORT = '1.3.6.1.2.1.17.1.4.1.2'
const OPER_STATUS = '1.3.6.1.2.1.2.2.1.8'
/** up(1), down(2), lowerLayerDown(7); the others say nothing of a cable (RFC 2863 6). */
const LINK_OF_STATUS: ReadonlyMap<number, boolean> = new Map([[1, true], [2, false], [7, false]])
const ANSWER_MS = 1000
const TRIES_MORE = 1
const ROWS_A_QUESTION = 20
/** A bench has 48 lanes; a table larger than this is not a bench's. */
const ROWS_MAX = 4096
const QUESTIONS_MAX = Math.ceil(ROWS_MAX / ROWS_A_QUESTION)

export class SnmpSwitch implements Switch {
  readonly world = 'live'
  readonly #settings: SnmpSettings

  constructor(settings: SnmpSettings) {
    this.#settings = settings
  }

  forwarding(signal: AbortSignal): Promise<readonly Forwarding[]> {
    return this.#ask(async walk => {
      const rows = new Map<string, number>()
      for (const table of TABLES) {
        for (const varbind of await walk(table)) {
          const row = readRow(varbind)
          if (row !== null) rows.set(row.mac, row.port)
        }
      }
      return Array.from(rows, ([mac, at]) => ({ mac, port: at }))
    }, signal)
  }

  links(signal: AbortSignal): Promise<ReadonlyMap<number, boolean>> {
    return this.#ask(async walk => {
      const [interfaces, states] = [numbersOf(await walk(INTERFACE_OF_PORT)), numbersOf(await walk(OPER_STATUS))]
      return new Map(Array.from(interfaces).flatMap(([port, index]) => {
        const hasLink = LINK_OF_STATUS.get(states.get(index) ?? 0)
        return hasLink === undefined ? [] : [[port, hasLink] as const]
      }))
    }, signal)
  }

  async #ask<T>(questions: (walk: (table: string) => Promise<readonly Varbind[]>) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    const { address, port = SNMP_PORT, community, from } = this.#settings
    const session = createSession(address, community, {
      port, version: Version2c, timeout: ANSWER_MS, retries: TRIES_MORE, ...(from === undefined ? {} : { sourceAddress: from })
    })
    const broken = Promise.withResolvers<never>()
    const stop = (): void => broken.reject(signal.reason)
    session.on('error', (thrown: Error) => broken.reject(this.#silent(thrown)))
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await questions(table => Promise.race([this.#walk(session, table), broken.promise]))
    } finally {
      signal.removeEventListener('abort', stop)
      broken.promise.catch(() => undefined) // nobody waits for it any more
      session.close()
    }
  }

  /** Question after question until the table ends; the package's own walk goes round for ever with an agent that repeats itself. */
  async #walk(session: Session, table: string): Promise<readonly Varbind[]> {
    const rows: Varbind[] = []
    for (let at = table, n = 0; n < QUESTIONS_MAX; n += 1) {
      const varbinds = await this.#after(session, at)
      const inside = varbinds.filter(v => v.oid.startsWith(`${table}.`) && !isVarbindError(v))
      rows.push(...inside)
      const last = inside.at(-1)?.oid
      if (last === undefined || inside.length < varbinds.length || !isBehind(last, at)) break
      at = last
    }
    return rows
  }

  /** The next rows; none where the switch says that it has no such table. */
  #after(session: Session, oid: string): Promise<readonly Varbind[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Varbind[]>()
    session.getBulk([oid], 0, ROWS_A_QUESTION, (error: Error | null, varbinds) => {
      if (error) {
        if (error.name === 'RequestFailedError') resolve([])
        else reject(this.#silent(error))
      } else resolve((varbinds ?? []).flat().filter(v => v !== undefined))
    })
    return promise
  }

  #silent(cause: unknown): Fault {
    return new Fault('switch.silent', { address: this.#settings.address, why: cause instanceof Error ? cause.message.slice(0, 120) : '' }, cause)
  }
}

/** Null for what is no row: a port of 0 means that the switch does not know it, or that it is the switch itself. */
function readRow({ oid, value }: Varbind): Forwarding | null {
  if (typeof value !== 'number' || value <= 0) return null
  const bytes = oid.split('.').slice(-MAC_BYTES).map(Number)
  if (bytes.length < MAC_BYTES || bytes.some(b => !Number.isInteger(b) || b < 0 || b > 255)) return null
  return { mac: bytes.map(b => b.toString(16).padStart(2, '0')).join(':'), port: value }
}

/** Rows whose index is one number and whose value is a number. */
function numbersOf(varbinds: readonly Varbind[]): ReadonlyMap<number, number> {
  return new Map(varbinds.flatMap(({ oid, value }) => typeof value === 'number' ? [[Number(oid.split('.').at(-1)), value] as const] : []))
}

/** Object identifiers are ordered number by number (RFC 3416 4.2.2). */
function isBehind(oid: string, other: string): boolean {
  const [a, b] = [oid, other].map(text => text.split('.').map(Number))
  for (const [i, n] of (a ?? []).entries()) {
    const m = b?.[i]
    if (m === undefined || n > m) return true
    if (n < m) return false
  }
  return false
}
