/**
 * Which lane has a console and which product a recipe, and the playing of one for a job. The transcript of every run is kept
 * with its unit. A recipe that erases and was verified fewer than three times on a product waits for a lead's word first.
 */
import type { JobId, UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import { needsConsole, type Recipe } from '../domain/recipe.ts'
import type { Ports } from '../ports.ts'
import type { ConsoleClaims } from './console-claims.ts'
import type { Ledger } from './ledger.ts'
import type { Log, Secret } from './log.ts'
import type { Power } from './power.ts'
import type { Book } from './recipe-book.ts'
import type { HandsWish, RecipeEnd } from './recipe-runner.ts'
import { playRecipe } from './recipe-session.ts'
import type { SerialPorts } from './serial-ports.ts'
import { Transcript } from './transcript.ts'

/** After so many verified runs on a product a recipe is known to be right for it. */
export const VERIFIED_RUNS_MIN = 3

export interface ConsoleDeskSettings {
  /** Where transcripts are kept, in the data folder. */
  readonly folder: string
  /** Secrets of recipes by name: `linux-login.password`. */
  readonly secrets: ReadonlyMap<string, Secret<string>>
  /** Values of a product's recipe, where they are not the defaults. */
  readonly valuesOf: (product: string) => Readonly<Record<string, string>>
}
export interface PlayOrder {
  readonly job: JobId
  readonly unit: UnitId
  readonly product: string
  readonly lane: number
  readonly recipe: Recipe
  readonly hands: (wish: HandsWish) => void
  readonly untilFactory: (signal: AbortSignal) => Promise<void>
  readonly onStep: () => void
}
export interface Success { readonly runs: number; readonly verified: number }

interface Parts { readonly serialPorts: SerialPorts; readonly power: Power; readonly book: Book; readonly claims: ConsoleClaims }

export class ConsoleDesk {
  readonly #ports: Pick<Ports, 'clock' | 'entropy' | 'serial' | 'disk'>
  readonly #ledger: Ledger
  readonly #log: Log
  readonly #parts: Parts
  readonly #settings: ConsoleDeskSettings

  constructor(ports: Pick<Ports, 'clock' | 'entropy' | 'serial' | 'disk'>, ledger: Ledger, log: Log, parts: Parts, settings: ConsoleDeskSettings) {
    this.#ports = ports
    this.#ledger = ledger
    this.#log = log
    this.#parts = parts
    this.#settings = settings
  }

  /** The recipe to play on this lane; null: hands reset the unit, as ever. */
  recipeFor(recipe: string | undefined, lane: number | null): Recipe | null {
    if (recipe === undefined || lane === null) return null
    const found = this.#parts.book.recipes.get(recipe)?.recipe ?? null
    if (found === null || !needsConsole(found)) return null
    return this.#parts.serialPorts.consoleOf(lane) === null ? null : found
  }

  /** How a recipe has done on a product, in this version. */
  successOf(recipe: Recipe, product: string): Success {
    const row = this.#ledger.db.all<{ runs: number; verified: number | null }>(
      `SELECT count(*) AS runs, sum(json_extract(body, '$.verdict') = 'verified') AS verified FROM fact
       WHERE kind = 'recipe.ended' AND json_extract(body, '$.recipe') = ? AND json_extract(body, '$.version') = ? AND json_extract(body, '$.product') = ?`, [recipe.id, recipe.version, product])[0]
    return { runs: row?.runs ?? 0, verified: row?.verified ?? 0 }
  }

  needsWord(recipe: Recipe, product: string): boolean {
    return recipe.danger === 'erases-settings' && this.successOf(recipe, product).verified < VERIFIED_RUNS_MIN
  }

  /** Plays and records, after a person at the terminal has left; never throws but for the signal. */
  async play(order: PlayOrder, signal: AbortSignal): Promise<RecipeEnd['verdict']> {
    const { job, unit, product, lane, recipe } = order
    const { id, version } = recipe
    await this.#parts.claims.untilFree(lane, signal)
    using _held = this.#parts.claims.claim(lane, 'recipe')
    const transcript = new Transcript(this.#ports.clock)
    const about = { unit, job }
    this.#ledger.append({ ...about, body: { kind: 'recipe.started', recipe: id, version, product, lane } })
    const secrets = new Map([...this.#settings.secrets].flatMap(([name, secret]) => name.startsWith(`${id}.`) ? [[name.slice(id.length + 1), secret] as const] : []))
    let end: Pick<RecipeEnd, 'verdict' | 'hasErased' | 'step' | 'fault'>
    try {
      end = await playRecipe(this.#ports, this.#log.child({ job, recipe: id }), recipe, {
        path: this.#parts.serialPorts.consoleOf(lane), values: this.#settings.valuesOf(product), secrets, power: this.#parts.power.lane(lane),
        hands: order.hands, untilFactory: order.untilFactory, onStep: order.onStep, transcript
      }, signal)
    } catch (thrown) {
      if (signal.aborted) {
        this.#keep(job, transcript)
        throw thrown
      }
      end = { verdict: 'unproven', hasErased: false, step: 'opening', fault: Fault.from(thrown) }
    }
    const path = this.#keep(job, transcript)
    this.#ledger.append({ ...about, body: { kind: 'recipe.ended', recipe: id, version, product, verdict: end.verdict, hasErased: end.hasErased, step: end.step, fault: end.fault?.toView() ?? null, transcript: path } })
    return end.verdict
  }

  #keep(job: JobId, transcript: Transcript): string | null {
    const path = `${this.#settings.folder}/${job}.txt`
    try {
      this.#ports.disk.writeAtomic(path, new TextEncoder().encode(transcript.toString()), 0o600)
      return path
    } catch (thrown) {
      this.#log.fault('a transcript could not be kept', Fault.from(thrown), { path })
      return null
    }
  }
}
