/**
 * The pool cut into blocks of 16 addresses. Only from an open block, one that is reserved on disk, is anything given: after a
 * crash every free address of an open block may be out there without a record, and must rest. So blocks are opened when somebody
 * asks, few at first and more while many ask, and closed again when nobody has for a minute: a crash costs what was in use.
 */
import { millis, seconds, type Millis } from '#shared'
import { networkOf } from './address.ts'
import type { Cell } from './lease-pool.ts'

export interface Block {
  readonly first: string
  readonly cells: Cell[]
  isOpen: boolean
  /** When something was given from it last. */
  usedAt: Millis
  free: number
  /** Free, and nobody's before. */
  fresh: number
}

const BLOCK_PREFIX = 28 // 16 addresses
/** Opened beside the one that is needed: this part of the quiet pool, and twice as many each time while a rack powers up. */
const SHARE_AHEAD = 8
const AHEAD_MAX = 16
const BURST_MS = seconds(1)
/** No sooner is a block closed that still has free addresses. */
const IDLE_MS = seconds(60)

export class LeaseBlocks {
  readonly #blocks: readonly Block[]
  #ahead = 0
  #reservedAt = Number.NEGATIVE_INFINITY

  /** `cellOf` makes the cell of an address, in its block. */
  constructor(addresses: readonly string[], cellOf: (ip: string, block: Block) => Cell) {
    const blocks = new Map<string, Block>()
    for (const ip of addresses) {
      const first = networkOf({ address: ip, prefix: BLOCK_PREFIX })
      const block = blocks.get(first) ?? { first, cells: [], isOpen: false, usedAt: millis(0), free: 0, fresh: 0 }
      blocks.set(first, block)
      block.cells.push(cellOf(ip, block))
    }
    this.#blocks = [...blocks.values()]
  }

  named(first: string): Block | undefined {
    return this.#blocks.find(block => block.first === first)
  }

  /** These are reserved on disk now. */
  open(firsts: readonly string[], now: Millis): void {
    for (const block of this.#blocks) {
      if (!firsts.includes(block.first)) continue
      block.isOpen = true
      block.usedAt = now
    }
  }

  /** What to reserve when `needed` is: while addresses rest from a crash as little as can be, so that one crash after another costs little. */
  reserving(needed: Block, now: Millis): readonly string[] {
    const quiet = this.#blocks.filter(b => b.cells.every(c => c.state !== 'resting')).length
    const base = quiet < this.#blocks.length ? 0 : Math.min(AHEAD_MAX, Math.floor(quiet / SHARE_AHEAD))
    const isBurst = now - this.#reservedAt < BURST_MS
    const ahead = isBurst ? Math.min(AHEAD_MAX, Math.max(1, this.#ahead * 2)) : base
    return [needed.first, ...this.#closed().filter(b => b !== needed).slice(0, ahead).map(b => b.first)]
  }

  /** `reserving` was followed. */
  reserved(firsts: readonly string[], now: Millis): void {
    this.#ahead = firsts.length - 1
    this.#reservedAt = now
    this.open(firsts, now)
  }

  /** Shuts what is full or not needed any more; the caller writes that in the same transaction as the records. */
  closeIdle(now: Millis): readonly string[] {
    const idle = this.#blocks.filter(b => b.isOpen && (b.free === 0 || now - b.usedAt >= IDLE_MS) && b.cells.every(c => c.state !== 'offered'))
    for (const block of idle) block.isOpen = false
    return idle.map(b => b.first)
  }

  /** What will be offered next, free addresses of open blocks first. */
  upcoming(max: number): readonly string[] {
    const blocks = [...this.#blocks.filter(b => b.isOpen), ...this.#blocks.filter(b => !b.isOpen)]
    return blocks.flatMap(b => b.cells.filter(c => c.state === 'free').map(c => c.ip)).slice(0, max)
  }

  /** A free address: nobody's before one that is kept for somebody, open blocks before closed ones. */
  pick(): Cell | null {
    let best: Block | null = null
    let bestRank = 0
    for (const block of this.#blocks) {
      const rank = block.fresh > 0 ? (block.isOpen ? 4 : 3) : block.free > 0 ? (block.isOpen ? 2 : 1) : 0
      if (rank > bestRank) { best = block; bestRank = rank }
      if (rank === 4) break
    }
    let oldest: Cell | null = null
    for (const cell of best?.cells ?? []) {
      if (cell.state !== 'free') continue
      if (cell.holder === null) return cell
      if (oldest === null || cell.until < oldest.until) oldest = cell
    }
    return oldest
  }

  /** Closed blocks with something to give, best first. */
  #closed(): readonly Block[] {
    const closed = this.#blocks.filter(b => !b.isOpen && b.free > 0)
    return [...closed.filter(b => b.fresh > 0), ...closed.filter(b => b.fresh === 0)]
  }
}
