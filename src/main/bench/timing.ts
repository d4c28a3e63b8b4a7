/**
 * How long units of a product are silent while they reset themselves: the catalogue's figure at first, then what was measured
 * on proven units, kept with the ledger. From it follows how long proof is waited for.
 */
import type { Instant, TimingView, UnitId } from '#shared'
import type { Catalogue } from '../domain/product.ts'
import type { Ledger } from './ledger.ts'

/** Bounds of any reboot (facts/devices-and-consoles.md 3: up to 90 s without LAN). */
const SECONDS_MAX = 90
const SAMPLES_MAX = 16
/** Fewer say little. */
const SAMPLES_MIN = 3
/** The slowest one seen is not the slowest there is. */
const MARGIN = 1.25

export class Timing {
  readonly #ledger: Pick<Ledger, 'setting' | 'keepSetting'>
  readonly #catalogue: Catalogue
  /** What each unit said last, and when. */
  readonly #last = new Map<UnitId, { readonly active: number; readonly at: Instant }>()
  /** Seconds from the last word as activated to the first as ready again. */
  readonly #measured = new Map<UnitId, number>()

  constructor(ledger: Pick<Ledger, 'setting' | 'keepSetting'>, catalogue: Catalogue) {
    this.#ledger = ledger
    this.#catalogue = catalogue
  }

  /** Every announcement, repeats too: the last one before a silence is a repeat. */
  heard(unit: UnitId, active: number, at: Instant): void {
    const before = this.#last.get(unit)
    if (before?.active === 2 && active === 0) this.#measured.set(unit, (at - before.at) / 1000)
    this.#last.set(unit, { active, at })
  }

  /** The measured silence was that of a release. */
  proven(unit: UnitId, product: string): void {
    const measured = this.#measured.get(unit)
    this.#measured.delete(unit)
    if (measured === undefined || measured > SECONDS_MAX) return
    const samples = [...this.#samples(product), Math.round(measured * 10) / 10].slice(-SAMPLES_MAX)
    this.#ledger.keepSetting(keyOf(product), JSON.stringify(samples))
  }

  forget(unit: UnitId): void {
    this.#last.delete(unit)
    this.#measured.delete(unit)
  }

  rebootSeconds(product: string | null): number {
    return product === null ? SECONDS_MAX : this.#of(product).seconds
  }

  view(): readonly TimingView[] {
    return this.#catalogue.all().map(p => this.#of(p.productKey))
  }

  #of(product: string): TimingView {
    const start = this.#catalogue.find(product)?.rebootSeconds ?? SECONDS_MAX
    const samples = this.#samples(product)
    const learnt = samples.length < SAMPLES_MIN ? start : Math.ceil(Math.max(...samples) * MARGIN)
    return { product, seconds: Math.max(0, Math.min(SECONDS_MAX, learnt)), start, measured: samples.length }
  }

  #samples(product: string): readonly number[] {
    try {
      const kept: unknown = JSON.parse(this.#ledger.setting(keyOf(product)) ?? '[]')
      return Array.isArray(kept) ? kept.filter((s): s is number => typeof s === 'number' && s >= 0 && s <= SECONDS_MAX) : []
    } catch {
      return [] // a hand has been in the file: measured anew
    }
  }
}

const keyOf = (product: string): string => `reboot.${product}`
