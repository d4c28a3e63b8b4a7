/**
 * Everything the outside world must provide, on one page. Ports are dumb pipes: the DHCP server, frames, request
 * signing and the queue all live above them, so the simulator exercises those with real bytes.
 * Every port carries a world mark; `createStation` refuses a mixture of live and virtual `Net`, `Serial` and `Web`.
 */
import type { Instant, Millis, World } from '#shared'

/** Time. `now` is wall clock, for history; `monotonic` is for deadlines and ages. No other timer exists above `live/`. */
export interface Clock {
  readonly world: World
  /** How many station seconds pass in one real second (1, or 20 in fast training). */
  readonly rate: number
  now(): Instant
  monotonic(): Millis
  /** Resolves after `ms`; rejects with `signal.reason` when aborted first. */
  sleep(ms: Millis, signal: AbortSignal): Promise<void>
  /** Calls `fn` once after `ms`, unless disposed first. */
  after(ms: Millis, fn: () => void): Disposable
}

/** Chance. Identifiers, transaction ids, nonces and jitter come only from here. */
export interface Entropy {
  readonly world: World
  bytes(n: number): Uint8Array<ArrayBuffer>
}

/** One network card as the operating system tells it. */
export interface Card {
  readonly name: string
  readonly index: number
  /** Lower case, colons. */
  readonly mac: string
  readonly up: boolean
  /** Cable seen; null where the system does not say. */
  readonly hasLink: boolean | null
  readonly hasDefaultRoute: boolean
  readonly addresses: readonly CardAddress[]
}
/** IPv4 only: the bench speaks nothing else. */
export interface CardAddress { readonly address: string; readonly prefix: number }

export interface Endpoint { readonly address: string; readonly port: number }

export interface UdpOptions {
  /** The socket hears and speaks on this card only. */
  readonly card: string
  readonly port: number
  /** Source address of what is sent; on the fallback without device binding it is also the bind address of the sender. */
  readonly address?: string
  readonly broadcast?: boolean
  /** 'system': tied to `address` only, and the routes decide by which card it leaves; for probes that go where a unit's packets would. */
  readonly route?: 'card' | 'system'
  /** Asked receive buffer, bytes. */
  readonly receiveBytes?: number
  /** Very many may come at once: they are taken and answered in few calls, where the system can. */
  readonly isBusy?: boolean
  /** What this computer itself broadcasts is not heard, where the system can tell. */
  readonly isDeafToSelf?: boolean
  /** Destinations outside these IPv4 subnets (and 255.255.255.255) are refused by the system, where it can. */
  readonly allow?: readonly CardAddress[]
}
export interface UdpSocket extends Disposable {
  readonly port: number
  /** 'device': bound to the card before bind(2). 'address': the degraded fallback, which may hear other cards. */
  readonly binding: 'device' | 'address'
  /** Never throws and never waits; a failure to send is counted in `counters.failed`. */
  send(bytes: Uint8Array, to: Endpoint): void
  /** The callback must copy and return; it must not decide. */
  on(fn: (bytes: Uint8Array, from: Endpoint) => void): Disposable
  readonly counters: { readonly sent: number; readonly heard: number; readonly failed: number }
}

/** Whole Ethernet frames of others. */
export interface FrameEar extends Disposable {
  /** Heard since last asked, oldest first; no more than the system's small buffer holds. */
  take(): readonly Uint8Array[]
}

/** A two-way byte stream: TCP or serial. Reading is by pull; at most 256 KiB wait unread, then the peer is slowed. */
export interface BytePipe extends AsyncDisposable {
  /** Resolves when handed over; rejects with a Fault when the other side is gone or `signal` aborts. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Next bytes, or null when the other side has closed. */
  read(signal: AbortSignal): Promise<Uint8Array | null>
  /** TCP alone: cuts the connection off without a goodbye. */
  reset?(): void
}
export interface TcpOptions { readonly card: string; readonly from?: string; readonly to: Endpoint; readonly connectMs: Millis }
export interface ListenOptions { readonly card: string; readonly address?: string; readonly port: number; readonly connectionsMax: number }
export interface Listener extends AsyncDisposable { readonly port: number }

export interface Net {
  readonly world: World
  /** `only`: looks at no other card, which is cheaper. */
  interfaces(only?: string): readonly Card[]
  /** Who has answered on the card's own network: address to MAC, as the system remembers it; empty where it does not say. */
  neighbours(card: string): ReadonlyMap<string, string>
  /** How many packets each card has sent since it is there, loopback left out; absent where the system does not count. */
  sentPackets?(): ReadonlyMap<string, number>
  /** DHCP answers that come in by the card, as they stand on the wire; null where the system or a missing right (CAP_NET_RAW) forbids it. */
  answers?(card: string): FrameEar | null
  /** Faults: `net.card-gone`, `net.port-taken` {port}, `net.no-rights` {port}. */
  udp(options: UdpOptions): Promise<UdpSocket>
  /** Faults: `net.unreachable` {address, port}. */
  tcp(options: TcpOptions, signal: AbortSignal): Promise<BytePipe>
  listen(options: ListenOptions, accept: (pipe: BytePipe, from: Endpoint) => void): Promise<Listener>
}

export interface SerialPath { readonly path: string; readonly label: string; readonly usb?: string; readonly serial?: string }
export interface SerialSettings { readonly baud: number }
export interface SerialLine extends BytePipe {
  /** Holds the line in break for so long; missing where the adapter cannot. */
  breakFor?(ms: Millis, signal: AbortSignal): Promise<void>
}
export interface Serial {
  readonly world: World
  list(): Promise<readonly SerialPath[]>
  /** Told within 2 s when something was plugged or pulled. */
  watch(fn: () => void): Disposable
  open(path: string, settings: SerialSettings, signal: AbortSignal): Promise<SerialLine>
}

export interface WebRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** For the whole exchange, not between bytes. */
  readonly deadlineMs: Millis
  readonly bytesMax?: number
}
export interface WebAnswer { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }
export interface Web {
  readonly world: World
  /** Faults: `web.not-started` (no byte went out), `web.unknown` (bytes went out, no whole answer came). */
  request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer>
}

export type SqlValue = string | number | bigint | null | Uint8Array
export type SqlRow = Readonly<Record<string, SqlValue>>
export interface TransactionOptions {
  /** The disk is not waited for: a power cut may undo it, never the end of the program. It is safe with the next one that waits. */
  readonly isLazy?: boolean
}
/** One open file. Synchronous on purpose: nothing can wait while a transaction is open. */
export interface Database extends Disposable {
  run(sql: string, values?: readonly SqlValue[]): { readonly changes: number }
  all<Row = SqlRow>(sql: string, values?: readonly SqlValue[]): Row[]
  /** BEGIN IMMEDIATE, `fn`, COMMIT; ROLLBACK and rethrow when `fn` throws. A promise from `fn` is an error. Not nested. */
  transaction<T>(fn: () => T, options?: TransactionOptions): T
}
export interface Sql {
  /** Faults: `ledger.second-instance`, `ledger.disk-full`, `ledger.cannot-open`. ':memory:' is allowed. */
  open(path: string, options?: { readonly readonly?: boolean }): Database
}

/** Files by path inside the data folder. */
export interface Disk {
  read(path: string): Uint8Array | null
  append(path: string, bytes: Uint8Array): void
  /** All or nothing, also across a power cut; `mode` as in chmod. */
  writeAtomic(path: string, bytes: Uint8Array, mode?: number): void
  list(path: string): readonly string[]
  /** Permission bits as in chmod; null when there is no such file. Absent where a world or a system has none. */
  modeOf?(path: string): number | null
  remove(path: string): void
  /** Bytes left for us. */
  free(): number
}

export interface Forwarding { readonly mac: string; readonly port: number }
/** The managed switch of the bench, where there is one. */
export interface Switch {
  readonly world: World
  /** Behind which of its ports it has heard which card. Faults: `switch.silent`. */
  forwarding(signal: AbortSignal): Promise<readonly Forwarding[]>
  /** Which of its ports have a link; a port it says nothing of is not in it. Faults: `switch.silent`. */
  links(signal: AbortSignal): Promise<ReadonlyMap<number, boolean>>
}

export interface Proc {
  /** Runs a program to its end; never through a shell. */
  run(program: string, args: readonly string[], signal: AbortSignal): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>
}

/** Seals small secrets with what the machine offers. `kind` says how honest the seal is. */
export interface Secrets {
  readonly kind: 'os' | 'file' | 'unprotected'
  seal(plain: Uint8Array): Uint8Array
  open(sealed: Uint8Array): Uint8Array
}

export interface Display { readonly id: string; readonly label: string; readonly width: number; readonly height: number; readonly scale: number; readonly isPrimary: boolean; /** Part of the computer itself, such as a laptop's. */ readonly isBuiltIn?: boolean; /** What it says of itself (wire/edid.ts), where the system tells. */ readonly edid?: Uint8Array }
export interface Screens { list(): readonly Display[] }

/** Long reads of a ledger file beside its writer, in a thread of their own. */
export interface Reader {
  /** `question` and answer are plain values (bench/reading.ts). Faults: `ledger.cannot-open`, or those of the question. */
  ask(path: string, question: object, signal: AbortSignal): Promise<unknown>
  /** A checked copy: it appears whole or not at all. Faults: `ledger.damaged` when the copy is not sound, `ledger.disk-full`. */
  copy(path: string, to: string, signal: AbortSignal): Promise<void>
}

/** What a host hands to `createStation`. */
export interface Ports {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly net: Net
  readonly serial: Serial
  readonly web: Web
  readonly sql: Sql
  readonly disk: Disk
  readonly proc: Proc
  readonly secrets: Secrets
  /** Where credentials entered at the station are sealed: the key store of the operating system, in a host that has one. Absent: by `secrets`. */
  readonly vault?: Secrets
  readonly screens: Screens
  /** Missing where the ledger is no file. */
  readonly reader?: Reader
  /** Lays out papers (bench/paper/press.ts) and reads pictures (bench/pictures.ts) in a thread of its own; missing: the core does it. */
  readonly press?: Pick<Reader, 'ask'>
  readonly switch: Switch | null
}
