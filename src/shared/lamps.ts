/** What a product's lamp shows from the reset to the end (facts/unbinding.md, "lights"); a product names its table in resources/models.json. */
import type { Light, Method, Words } from './words.ts'

/** `ready`: after the reset. `reading`: it took the code or token. `released`: at the end, after a restart. `stuck`: it stays bound. */
export interface LampTable { readonly ready: Light; readonly reading: Light; readonly released: Light; readonly stuck: Light }
export const LAMP_STEPS = ['ready', 'reading', 'released', 'stuck'] as const satisfies readonly (keyof LampTable)[]

export const LAMP_TABLES = {
  default: { ready: 'red-blinking', reading: 'green-blinking', released: 'red-blinking', stuck: 'green-blinking' }
} as const satisfies Readonly<Record<string, LampTable>>

export interface ProductView { readonly product: string; readonly name: Words; readonly method: Method; readonly resetHoldSeconds: number; readonly resetWhen: 'powered' | 'power-on'; readonly lamps: LampTable }

/** A table nobody knows is the usual one. */
export function lampsOf(lights: string): LampTable {
  return Object.hasOwn(LAMP_TABLES, lights) ? LAMP_TABLES[lights as keyof typeof LAMP_TABLES] : LAMP_TABLES.default // hasOwn has just said so
}
