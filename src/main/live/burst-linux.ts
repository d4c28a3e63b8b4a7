/**
 * Many datagrams by one call of the kernel (recvmmsg(2), sendmmsg(2)) on a socket that Node has bound: a rack that powers up
 * sends more in a moment than Node can take one by one. Node still says when something waits; this only takes the rest of it.
 * Linux on 64-bit little-endian machines, through koffi; elsewhere there is none and Node does it all.
 */

/** Datagrams a call takes at most; 64 fill about a millisecond. */
const BURST_MAX = 64
/** One byte more than any DHCP packet may have is enough to see that it is too long; the listener's frames are smaller still. */
const BYTES_MAX = 2049
const MESSAGE_BYTES = 64 // struct mmsghdr: msghdr of 56, then the length of what came
const LENGTH_AT = 56
const VECTOR_BYTES = 16
const ADDRESS_BYTES = 16
const AF_INET = 2
const MSG_DONTWAIT = 0x40
const LITTLE_ENDIAN_64: ReadonlySet<string> = new Set(['x64', 'arm64'])

type Call = (...args: readonly unknown[]) => number
export interface BurstCalls {
  func(prototype: string): Call
  /** Of memory that does not move: a buffer of its own, not of Node's pool. */
  address(memory: Buffer): bigint
}
/** What the kernel asks for and gives in both calls. */
export type BurstKernel = { readonly [name in 'receive' | 'send']: (fd: number, messages: Buffer, count: number) => number }

export function loadBurstKernel(calls: BurstCalls): (BurstKernel & Pick<BurstCalls, 'address'>) | null {
  if (!LITTLE_ENDIAN_64.has(process.arch)) return null
  const receive = calls.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)')
  const send = calls.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)')
  return {
    address: memory => calls.address(memory),
    receive: (fd, messages, count) => receive(fd, messages, count, MSG_DONTWAIT, null),
    send: (fd, messages, count) => send(fd, messages, count, MSG_DONTWAIT)
  }
}

/** Memory for a burst one way, laid out as the kernel wants it. */
class Tray {
  readonly messages = Buffer.allocUnsafeSlow(BURST_MAX * MESSAGE_BYTES).fill(0)
  readonly #vectors = Buffer.allocUnsafeSlow(BURST_MAX * VECTOR_BYTES).fill(0)
  readonly addresses = Buffer.allocUnsafeSlow(BURST_MAX * ADDRESS_BYTES).fill(0)
  readonly bytes = Buffer.allocUnsafeSlow(BURST_MAX * BYTES_MAX).fill(0)

  constructor(address: (memory: Buffer) => bigint) {
    const [vectors, names, bytes] = [address(this.#vectors), address(this.addresses), address(this.bytes)]
    for (let i = 0; i < BURST_MAX; i += 1) {
      const at = i * MESSAGE_BYTES
      this.messages.writeBigUInt64LE(names + BigInt(i * ADDRESS_BYTES), at) // msg_name
      this.messages.writeUInt32LE(ADDRESS_BYTES, at + 8) // msg_namelen
      this.messages.writeBigUInt64LE(vectors + BigInt(i * VECTOR_BYTES), at + 16) // msg_iov
      this.messages.writeBigUInt64LE(1n, at + 24) // msg_iovlen
      this.#vectors.writeBigUInt64LE(bytes + BigInt(i * BYTES_MAX), i * VECTOR_BYTES)
      this.setRoom(i, BYTES_MAX)
    }
  }

  roomOf(i: number): number { return this.#vectors.readUInt32LE(i * VECTOR_BYTES + 8) }

  setRoom(i: number, bytes: number): void {
    this.#vectors.writeUInt32LE(bytes, i * VECTOR_BYTES + 8)
  }
}

export class Burst {
  readonly #fd: number
  readonly #kernel: BurstKernel
  readonly #in: Tray
  readonly #out: Tray
  #waiting = 0

  constructor(fd: number, kernel: BurstKernel & Pick<BurstCalls, 'address'>) {
    this.#fd = fd
    this.#kernel = kernel
    this.#in = new Tray(kernel.address)
    this.#out = new Tray(kernel.address)
  }

  /** What waits now, at most one burst; the bytes are good until the next call. Returns how many there were. */
  receive(hear: (bytes: Uint8Array, from: number, port: number) => void): number {
    const { messages, addresses, bytes } = this.#in
    const count = this.#kernel.receive(this.#fd, messages, BURST_MAX)
    for (let i = 0; i < count; i += 1) {
      const at = i * BYTES_MAX
      hear(bytes.subarray(at, at + Math.min(BYTES_MAX, messages.readUInt32LE(i * MESSAGE_BYTES + LENGTH_AT))), addresses.readUInt32BE(i * ADDRESS_BYTES + 4), addresses.readUInt16BE(i * ADDRESS_BYTES + 2))
    }
    return Math.max(0, count)
  }

  get isFull(): boolean { return this.#waiting === BURST_MAX }

  /** Copies it to where `flush` sends from. False: it is too long, or there is no room before a flush. */
  put(bytes: Uint8Array, address: number, port: number): boolean {
    if (this.isFull || bytes.length > BYTES_MAX) return false
    const i = this.#waiting
    const { addresses } = this.#out
    this.#out.bytes.set(bytes, i * BYTES_MAX)
    this.#out.setRoom(i, bytes.length)
    addresses.writeUInt16LE(AF_INET, i * ADDRESS_BYTES)
    addresses.writeUInt16BE(port, i * ADDRESS_BYTES + 2)
    addresses.writeUInt32BE(address, i * ADDRESS_BYTES + 4)
    this.#waiting += 1
    return true
  }

  /**
   * Sends what was put. What the kernel does not take is told to `refused`, each by itself, and the rest is tried again:
   * one impossible address must not hold the others.
   */
  flush(refused: (bytes: Uint8Array, address: number, port: number) => void): number {
    const count = this.#waiting
    this.#waiting = 0
    let sent = 0
    for (let i = 0; i < count;) {
      const taken = this.#kernel.send(this.#fd, this.#out.messages.subarray(i * MESSAGE_BYTES), count - i)
      if (taken > 0) {
        i += taken
        sent += taken
        continue
      }
      const at = i * BYTES_MAX
      const address = i * ADDRESS_BYTES
      refused(this.#out.bytes.subarray(at, at + this.#out.roomOf(i)), this.#out.addresses.readUInt32BE(address + 4), this.#out.addresses.readUInt16BE(address + 2))
      i += 1
    }
    return sent
  }
}
