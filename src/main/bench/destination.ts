/**
 * Where history goes: what every destination can do, whatever it is. The outbox keeps cursor, order, pauses and what is set
 * aside; a destination only carries one batch.
 */
import type { FaultCode, Millis } from '#shared'
import type { Fact } from '../domain/fact.ts'
import { Fault } from '../domain/fault.ts'
import type { WebAnswer } from '../ports.ts'
import type { Head } from '../wire/chain.ts'

/** upto: it has all facts to this number. again: it wants everything from this number. refused: it does not want these facts. */
export type Carried = { readonly kind: 'upto'; readonly upto: number } | { readonly kind: 'again'; readonly from: number } | { readonly kind: 'refused'; readonly httpStatus: number }

export interface Batch {
  /** Without a gap; none when only heads are sent. */
  readonly facts: readonly Fact[]
  readonly heads: readonly Head[]
  /** The last number it has already. */
  readonly acked: number
  /** Set aside: named in its place, not told. */
  readonly isWithheld: (seq: number) => boolean
}

export interface Destination {
  readonly name: string
  /** How often it is looked at. */
  readonly everyMs: Millis
  /** Faults: `sync.unreachable` or those of the wire; they say nothing about a fact. */
  carry(batch: Batch, signal: AbortSignal): Promise<Carried>
  /** One exchange that leaves nothing behind. Faults: as `carry`. */
  test(acked: number, signal: AbortSignal): Promise<void>
}

/** Refusals of us, of the address or of the moment; they say nothing about a fact, so none is set aside for them. */
const NOT_ABOUT_FACTS: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408, 409, 410, 429])

/** Throws unless the answer is a refusal of the facts themselves. */
export function refusedOr(answer: WebAnswer, code: FaultCode = 'sync.unreachable'): { readonly kind: 'refused'; readonly httpStatus: number } {
  const { status } = answer
  if (status < 400 || status >= 500 || NOT_ABOUT_FACTS.has(status)) throw new Fault(code, { httpStatus: status })
  return { kind: 'refused', httpStatus: status }
}

export function numberIn(answer: WebAnswer, key: string): number | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(answer.body))
    const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : null
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
  } catch {
    return null
  }
}
