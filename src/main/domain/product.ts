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
}

export class Catalogue {
  readonly #byKey: ReadonlyMap<string, Product>

  constructor(products: readonly Product[]) {
    this.#byKey = new Map(products.map(p => [p.productKey, p]))
  }

  find(productKey: string | null): Product | null {
    return productKey === null ? null : this.#byKey.get(productKey) ?? null
  }

  all(): readonly Product[] {
    return [...this.#byKey.values()]
  }
}
