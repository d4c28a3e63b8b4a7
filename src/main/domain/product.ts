/** What the station knows of a product before a unit of it arrives: one row of `resources/models.json`. */
import type { Method, Words } from '#shared'

export interface Product {
  /** As announced in `productKey`. */
  readonly productKey: string
  readonly name: Words
  readonly kind: 'camera' | 'nvr' | 'dvr' | 'gateway' | 'base-station'
  readonly method: Method
  readonly lights: string
  readonly resetHoldSeconds: number
  readonly resetWhen: 'powered' | 'power-on'
  /** How long a reset unit stays ready to be paired. */
  readonly pairingSeconds: number
  /** Longest silence of a healthy unit while it resets itself. */
  readonly rebootSeconds: number
  /** Region of the data centre its market is bound in (facts/tuya.md 2); absent: any. */
  readonly centre?: string
  /** The recipe that resets it by its console, where the lane has one. */
  readonly recipe?: string | undefined
}

export class Catalogue {
  readonly #byKey: ReadonlyMap<string, Product>

  constructor(products: readonly Product[]) {
    this.#byKey = new Map(products.map(p => [p.productKey, p]))
  }

  find(productKey: string | null): Product | null {
    return productKey === null ? null : this.#byKey.get(productKey) ?? null
  }

  /** An unknown product is called by its key; null: none is known. */
  nameOf(productKey: string): Words
  nameOf(productKey: string | null): Words | null
  nameOf(productKey: string | null): Words | null {
    return productKey === null ? null : this.find(productKey)?.name ?? { en: productKey, zh: productKey }
  }

  all(): readonly Product[] {
    return [...this.#byKey.values()]
  }
}
