/**
 * Serial adapters and what each is for. A role is given by a person and remembered by the adapter's stable name; an adapter
 * with a role is never offered for another, and none is ever probed by sending: one board's question switches another's relay.
 */
import { Fault } from '../domain/fault.ts'
import type { Serial, SerialPath } from '../ports.ts'
import { BOARDS, CHANNELS_MAX, type Board } from '../wire/relay.ts'
import { Listeners } from './clockwork.ts'
import type { Log } from './log.ts'
import type { Scope } from './scope.ts'

export type PortRole =
  | { readonly kind: 'console'; readonly lane: number }
  | { readonly kind: 'scanner' }
  | { readonly kind: 'relay'; readonly board: Board; /** Lane of each channel, from channel 1; null: not used. */ readonly lanes: readonly (number | null)[] }
  | { readonly kind: 'ignore' }
export interface SerialPortView {
  readonly path: string
  readonly label: string
  readonly usb: string | null
  readonly serial: string | null
  readonly role: PortRole | null
  readonly isThere: boolean
  /** Named by hand: a pty, a network serial server. It is never listed by the system. */
  readonly isNamed: boolean
}
export interface PortChange { readonly kind: 'plugged' | 'pulled' | 'bound'; readonly path: string; readonly role: PortRole | null }
export interface RoleStore { setting(key: string): string | null; keepSetting(key: string, value: string): void }

interface Known { readonly label: string; readonly usb?: string; readonly serial?: string; readonly role: PortRole; readonly isNamed: boolean }

const SETTING = 'serial.roles'
const PORTS_MAX = 256
const PATH = /^(?:\/[\x21-\x7e]{1,255}|COM\d{1,3}|tcp:\/\/[\w.:[\]-]{1,255}:\d{1,5})$/

export class SerialPorts {
  readonly #serial: Serial
  readonly #store: RoleStore
  readonly #log: Log
  readonly #listeners = new Listeners<PortChange>()
  readonly #known = new Map<string, Known>()
  #there = new Map<string, SerialPath>()
  /** Why the system cannot list its ports; null: it can. */
  fault: Fault | null = null

  constructor(ports: { readonly serial: Serial }, store: RoleStore, log: Log) {
    this.#serial = ports.serial
    this.#store = store
    this.#log = log
    for (const [path, known] of readRoles(store.setting(SETTING))) this.#known.set(path, known)
  }

  /** Looks once, then again whenever something was plugged or pulled, until the scope closes. */
  async start(scope: Scope): Promise<void> {
    scope.own(this.#serial.watch(() => { void this.refresh() }))
    await this.refresh()
  }

  on(fn: (change: PortChange) => void): Disposable {
    return this.#listeners.on(fn)
  }

  async refresh(): Promise<void> {
    let found: readonly SerialPath[]
    try {
      found = await this.#serial.list()
      this.fault = null
    } catch (thrown) {
      if (this.fault === null) this.#log.fault('serial ports could not be listed', Fault.from(thrown))
      this.fault = Fault.from(thrown)
      return
    }
    const before = this.#there
    this.#there = new Map(found.slice(0, PORTS_MAX).map(port => [port.path, port]))
    for (const path of this.#there.keys()) if (!before.has(path)) this.#tell('plugged', path)
    for (const path of before.keys()) if (!this.#there.has(path)) this.#tell('pulled', path)
  }

  list(): readonly SerialPortView[] {
    const paths = new Set([...this.#there.keys(), ...this.#known.keys()])
    return [...paths].toSorted().map(path => this.#view(path))
  }

  /** What may be offered for a new role: there, and without one. */
  free(): readonly SerialPortView[] {
    return this.list().filter(port => port.role === null)
  }

  /** The console of a lane; null: it has none, or its adapter is not there. */
  consoleOf(lane: number): string | null {
    return this.#pathWith(role => role.kind === 'console' && role.lane === lane)
  }

  scanners(): readonly string[] {
    return this.list().filter(p => p.role?.kind === 'scanner' && p.isThere).map(p => p.path)
  }

  /** The board and channel (from 1) that switches a lane; null: none does. */
  relayOf(lane: number): { readonly path: string; readonly board: Board; readonly channel: number } | null {
    for (const { path, role } of this.list()) {
      if (role?.kind !== 'relay') continue
      const index = role.lanes.indexOf(lane)
      if (index >= 0) return { path, board: role.board, channel: index + 1 }
    }
    return null
  }

  /** Gives a role, or takes it with null. Faults: `serial.no-port` for an impossible name, `serial.role-taken`. */
  bind(path: string, role: PortRole | null): void {
    if (!PATH.test(path)) throw new Fault('serial.no-port', { path: path.slice(0, 80), reason: 'no such name' })
    const known = this.#known.get(path)
    if (role === null) {
      this.#known.delete(path)
    } else {
      if (known && known.role.kind !== role.kind) throw new Fault('serial.role-taken', { path, role: known.role.kind })
      const other = this.#taker(path, role)
      if (other !== null) throw new Fault('serial.role-taken', { path: other, role: role.kind })
      const there = this.#there.get(path)
      this.#known.set(path, {
        label: there?.label ?? known?.label ?? path, role, isNamed: !there && (known?.isNamed ?? true),
        ...(there?.usb === undefined ? {} : { usb: there.usb }), ...(there?.serial === undefined ? {} : { serial: there.serial })
      })
    }
    this.#store.keepSetting(SETTING, JSON.stringify(Object.fromEntries(this.#known)))
    this.#tell('bound', path)
  }

  /** Another adapter that does this already. */
  #taker(path: string, role: PortRole): string | null {
    const lanes = role.kind === 'relay' ? role.lanes.filter(l => l !== null) : []
    for (const [other, { role: theirs }] of this.#known) {
      if (other === path) continue
      if (role.kind === 'console' && theirs.kind === 'console' && theirs.lane === role.lane) return other
      if (theirs.kind === 'relay' && lanes.some(lane => theirs.lanes.includes(lane))) return other
    }
    return null
  }

  #pathWith(test: (role: PortRole) => boolean): string | null {
    return this.list().find(p => p.role !== null && p.isThere && test(p.role))?.path ?? null
  }

  #view(path: string): SerialPortView {
    const there = this.#there.get(path)
    const known = this.#known.get(path)
    return {
      path, label: there?.label ?? known?.label ?? path, usb: there?.usb ?? known?.usb ?? null, serial: there?.serial ?? known?.serial ?? null,
      role: known?.role ?? null, isThere: there !== undefined || known?.isNamed === true, isNamed: known?.isNamed === true && there === undefined
    }
  }

  #tell(kind: PortChange['kind'], path: string): void {
    this.#listeners.tell({ kind, path, role: this.#known.get(path)?.role ?? null }, fault => this.#log.fault('a listener of the ports failed', fault))
  }
}

/** What was remembered, as far as it still makes sense. */
export function readRoles(text: string | null): [string, Known][] {
  if (text === null) return []
  let found: unknown
  try { found = JSON.parse(text) } catch { return [] }
  if (typeof found !== 'object' || found === null) return []
  return Object.entries(found).flatMap(([path, known]: [string, unknown]): [string, Known][] => {
    if (!PATH.test(path) || typeof known !== 'object' || known === null || !('role' in known)) return []
    const role = readRole(known.role)
    if (role === null) return []
    const text_ = (key: 'label' | 'usb' | 'serial'): string | undefined => key in known && typeof known[key as keyof typeof known] === 'string' ? String(known[key as keyof typeof known]) : undefined // just seen to be there
    const [label, usb, serial] = [text_('label') ?? path, text_('usb'), text_('serial')]
    return [[path, { label, role, isNamed: 'isNamed' in known && known.isNamed === true, ...(usb === undefined ? {} : { usb }), ...(serial === undefined ? {} : { serial }) }]]
  })
}

function readRole(role: unknown): PortRole | null {
  if (typeof role !== 'object' || role === null || !('kind' in role)) return null
  switch (role.kind) {
    case 'console': return 'lane' in role && typeof role.lane === 'number' ? { kind: 'console', lane: role.lane } : null
    case 'scanner': return { kind: 'scanner' }
    case 'ignore': return { kind: 'ignore' }
    case 'relay': {
      const board = 'board' in role ? BOARDS.find(b => b === role.board) : undefined
      const lanes = 'lanes' in role && Array.isArray(role.lanes) ? role.lanes.map((l: unknown) => typeof l === 'number' ? l : null) : null
      return board === undefined || lanes === null ? null : { kind: 'relay', board, lanes: lanes.slice(0, CHANNELS_MAX[board]) }
    }
    default: return null
  }
}
