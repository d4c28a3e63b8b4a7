/**
 * What Node cannot say to the Linux kernel: a UDP socket tied to one card before it is bound (facts/dhcp.md 2.6), and
 * the address of a card without a cable. Called through koffi; where koffi cannot be loaded, `loadLinux` gives null.
 */
import { createRequire } from 'node:module'
import { Fault } from '../domain/fault.ts'
import type { FrameEar } from '../ports.ts'
import { Burst, loadBurstKernel } from './burst-linux.ts'

const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x8_0000
const SOL_SOCKET = 1
const F_DUPFD_CLOEXEC = 1030
const SO_BROADCAST = 6
const SO_RCVBUF = 8
const SO_BINDTODEVICE = 25
const SO_ATTACH_FILTER = 26
const SO_RCVBUFFORCE = 33
const SIOCGIFADDR = 0x8915
const SIOCGIFNETMASK = 0x891b
const NAME_BYTES = 16 // IFNAMSIZ, with the closing zero

const AF_PACKET = 17
const SOCK_RAW = 3
const SOL_PACKET = 263
const PACKET_IGNORE_OUTGOING = 23
const ETH_P_IP = 0x0800
const MSG_DONTWAIT = 0x40
const FRAME_BYTES_MAX = 2048
const FRAMES_MAX = 64
const EAR_BYTES = 128 * 1024

/** A filter of four instructions (linux/filter.h): load the packet's type; where it is "looped back", keep nothing; else all. */
const LOAD_BYTE = 0x30
const JUMP_IF_EQUAL = 0x15
const KEEP = 0x06
const PACKET_TYPE = 0xffff_f004 // SKF_AD_OFF + SKF_AD_PKTTYPE
const PACKET_LOOPBACK = 5
const NOT_OUR_OWN = [[LOAD_BYTE, 0, 0, PACKET_TYPE], [JUMP_IF_EQUAL, 0, 1, PACKET_LOOPBACK], [KEEP, 0, 0, 0], [KEEP, 0, 0, 0xffff_ffff]] as const

const [LOAD_WORD16, JUMP_IF_BITS, LOAD_HEADER_BYTES, LOAD_WORD16_BEHIND] = [0x28, 0x45, 0xb1, 0x48] as const
/** UDP over IPv4 from port 67 to 68, not a later fragment; each check that fails jumps to the last line. */
const DHCP_ANSWERS = [
  [LOAD_WORD16, 0, 0, 12], [JUMP_IF_EQUAL, 0, 10, ETH_P_IP],
  [LOAD_BYTE, 0, 0, 23], [JUMP_IF_EQUAL, 0, 8, 17],
  [LOAD_WORD16, 0, 0, 20], [JUMP_IF_BITS, 6, 0, 0x1fff],
  [LOAD_HEADER_BYTES, 0, 0, 14], [LOAD_WORD16_BEHIND, 0, 0, 14], [JUMP_IF_EQUAL, 0, 3, 67],
  [LOAD_WORD16_BEHIND, 0, 0, 16], [JUMP_IF_EQUAL, 0, 1, 68],
  [KEEP, 0, 0, 0xffff_ffff], [KEEP, 0, 0, 0]
] as const

export interface LinuxSockets {
  /** A bound socket's number, ready for `dgram.bind({ fd })`. */
  openUdp(options: { readonly card: string; readonly port: number; readonly isBroadcast: boolean; readonly receiveBytes: number | null }): number
  /** The card an inherited socket is tied to; '' when to none, null when that card has gone. */
  cardOf(fd: number): string | null
  /** Another descriptor of the same socket. */
  copy(fd: number): number
  /** The first IPv4 address of a card, cable or not. */
  addressOf(card: string): { readonly address: string; readonly prefix: number } | null
  /** Many datagrams at once on this socket; null where this machine is laid out otherwise. */
  burst(fd: number): Burst | null
  /** DHCP answers as frames, off the card with this index; null without the right to. */
  answers(cardIndex: number): FrameEar | null
  /** What this computer itself broadcasts is not heard on this socket any more; one that cannot be told so goes on hearing it. */
  ignoreOwnBroadcasts(fd: number): void
  close(fd: number): void
}

type Call = (...args: readonly unknown[]) => number
interface Koffi {
  load(path: string): { func(prototype: string): Call }
  errno(): number
  address(memory: Buffer): bigint
  os: { readonly errno: Readonly<Record<string, number>> }
}

export function loadLinux(): LinuxSockets | null {
  if (process.platform !== 'linux') return null
  try {
    const koffi: Koffi = createRequire(import.meta.url)('koffi') // optional on purpose, so no static import
    return new KoffiSockets(koffi, koffi.load('libc.so.6'))
  } catch {
    return null
  }
}

class KoffiSockets implements LinuxSockets {
  readonly #koffi: Koffi
  readonly #socket: Call
  readonly #setOption: Call
  readonly #getOption: Call
  readonly #bind: Call
  readonly #ioctl: Call
  readonly #control: Call
  readonly #close: Call
  readonly #receive: Call
  readonly #burstKernel: ReturnType<typeof loadBurstKernel>

  constructor(koffi: Koffi, libc: ReturnType<Koffi['load']>) {
    this.#koffi = koffi
    this.#socket = libc.func('int socket(int domain, int type, int protocol)')
    this.#setOption = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t size)')
    this.#getOption = libc.func('int getsockopt(int fd, int level, int name, void *value, void *size)')
    this.#bind = libc.func('int bind(int fd, const void *address, uint32_t size)')
    this.#ioctl = libc.func('int ioctl(int fd, unsigned long request, void *value)')
    this.#control = libc.func('int fcntl(int fd, int command, int value)')
    this.#close = libc.func('int close(int fd)')
    this.#receive = libc.func('long recv(int fd, void *bytes, size_t size, int flags)')
    this.#burstKernel = loadBurstKernel({ func: prototype => libc.func(prototype), address: memory => koffi.address(memory) })
  }

  openUdp({ card, port, isBroadcast, receiveBytes }: Parameters<LinuxSockets['openUdp']>[0]): number {
    const fd = this.#socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    if (fd < 0) throw this.#fault(card, port)
    try {
      // First of all: a socket that is not tied to the card would answer on the office network.
      this.#must(this.#setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, nameBytes(card), NAME_BYTES), card, port)
      if (isBroadcast) this.#must(this.#setOption(fd, SOL_SOCKET, SO_BROADCAST, int32(1), 4), card, port)
      if (receiveBytes !== null && this.#setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, int32(receiveBytes), 4) < 0) {
        this.#setOption(fd, SOL_SOCKET, SO_RCVBUF, int32(receiveBytes), 4) // an ordinary user gets what net.core.rmem_max allows
      }
      this.#must(this.#bind(fd, socketAddress(port), 16), card, port)
      return fd
    } catch (thrown) {
      this.#close(fd)
      throw thrown
    }
  }

  cardOf(fd: number): string | null {
    const name = Buffer.alloc(NAME_BYTES)
    const size = int32(NAME_BYTES)
    if (this.#getOption(fd, SOL_SOCKET, SO_BINDTODEVICE, name, size) < 0) return null
    return name.subarray(0, size.readInt32LE(0)).toString('latin1').replace(/\0.*$/s, '')
  }

  copy(fd: number): number {
    const copied = this.#control(fd, F_DUPFD_CLOEXEC, 0)
    if (copied < 0) throw new Fault('program.unexpected', { text: 'a socket handed in could not be copied' })
    return copied
  }

  addressOf(card: string): { readonly address: string; readonly prefix: number } | null {
    const fd = this.#socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
    if (fd < 0) return null
    try {
      const address = this.#ask(fd, SIOCGIFADDR, card)
      const mask = this.#ask(fd, SIOCGIFNETMASK, card)
      return address === null || mask === null ? null : { address: address.join('.'), prefix: prefixOf(mask) }
    } finally {
      this.#close(fd)
    }
  }

  burst(fd: number): Burst | null {
    return this.#burstKernel === null ? null : new Burst(fd, this.#burstKernel)
  }

  answers(cardIndex: number): FrameEar | null {
    const fd = this.#socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) // protocol 0: nothing comes before it is bound
    if (fd < 0) return null
    const card = Buffer.alloc(20) // struct sockaddr_ll
    card.writeUInt16LE(AF_PACKET, 0)
    card.writeUInt16BE(ETH_P_IP, 2)
    card.writeInt32LE(cardIndex, 4)
    this.#setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, int32(1), 4)
    this.#setOption(fd, SOL_SOCKET, SO_RCVBUF, int32(EAR_BYTES), 4)
    if (!this.#filter(fd, DHCP_ANSWERS) || this.#bind(fd, card, card.length) < 0) {
      this.#close(fd)
      return null
    }
    let isOpen = true
    return {
      take: () => {
        const frames: Uint8Array[] = []
        if (!isOpen) return frames
        const bytes = Buffer.allocUnsafeSlow(FRAME_BYTES_MAX)
        while (frames.length < FRAMES_MAX) {
          const size = this.#receive(fd, bytes, bytes.length, MSG_DONTWAIT)
          if (size <= 0) break
          frames.push(Uint8Array.from(bytes.subarray(0, size)))
        }
        return frames
      },
      [Symbol.dispose]: () => {
        if (isOpen) this.#close(fd)
        isOpen = false
      }
    }
  }

  ignoreOwnBroadcasts(fd: number): void {
    this.#filter(fd, NOT_OUR_OWN)
  }

  close(fd: number): void {
    this.#close(fd)
  }

  /** struct sock_fprog: how many instructions, and where they are. */
  #filter(fd: number, instructions: readonly (readonly [code: number, isTrue: number, isFalse: number, value: number])[]): boolean {
    const program = Buffer.allocUnsafeSlow(instructions.length * 8)
    for (const [i, [code, isTrue, isFalse, value]] of instructions.entries()) {
      program.writeUInt16LE(code, i * 8)
      program.writeUInt8(isTrue, i * 8 + 2)
      program.writeUInt8(isFalse, i * 8 + 3)
      program.writeUInt32LE(value, i * 8 + 4)
    }
    const filter = Buffer.alloc(16)
    filter.writeUInt16LE(instructions.length, 0)
    filter.writeBigUInt64LE(this.#koffi.address(program), 8)
    return this.#setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, filter.length) === 0
  }

  /** struct ifreq: the name, then a sockaddr_in whose address stands at byte 20. */
  #ask(fd: number, request: number, card: string): Uint8Array | null {
    const question = Buffer.alloc(40)
    nameBytes(card).copy(question)
    return this.#ioctl(fd, request, question) < 0 ? null : question.subarray(20, 24)
  }

  #must(result: number, card: string, port: number): void {
    if (result < 0) throw this.#fault(card, port)
  }

  #fault(card: string, port: number): Fault {
    const { errno } = this.#koffi.os
    const seen = this.#koffi.errno()
    const name = Object.keys(errno).find(key => errno[key] === seen) ?? String(seen)
    return faultOfSystem(name, { card, port })
  }
}

/** The house word for what the system said while a socket was opened. */
export function faultOfSystem(name: string, context: { readonly card: string; readonly port: number; readonly address?: string }, cause?: unknown): Fault {
  switch (name) {
    case 'EADDRINUSE': return new Fault('net.port-taken', context, cause)
    case 'EACCES':
    case 'EPERM': return new Fault('net.no-rights', context, cause)
    case 'ENODEV': return new Fault('net.card-gone', context, cause)
    case 'EADDRNOTAVAIL': return new Fault('net.card-no-address', context, cause)
    default: return new Fault('program.unexpected', { ...context, text: `the system said ${name}` }, cause)
  }
}

function nameBytes(card: string): Buffer {
  const bytes = Buffer.alloc(NAME_BYTES)
  if (Buffer.byteLength(card) >= NAME_BYTES || card === '') throw new Fault('net.card-gone', { card: card.slice(0, 40) })
  bytes.write(card)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** sockaddr_in for 0.0.0.0:port; the family in machine order, the port in network order. */
function socketAddress(port: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  return bytes
}

function prefixOf(mask: Uint8Array): number {
  return [...mask].map(byte => byte.toString(2).replaceAll('0', '').length).reduce((sum, bits) => sum + bits, 0)
}
