/** Plays shipped recipes over real adapters, with the clock and the chance of the machine. */
import { Log } from '../../src/main/bench/log.ts'
import { openBook } from '../../src/main/bench/recipe-book.ts'
import type { LanePower, RecipeEnd } from '../../src/main/bench/recipe-runner.ts'
import { playRecipe, type SessionOptions } from '../../src/main/bench/recipe-session.ts'
import { Transcript } from '../../src/main/bench/transcript.ts'
import type { Recipe } from '../../src/main/domain/recipe.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveSerial } from '../../src/main/live/serial.ts'

export const liveClock = new LiveClock()
export const livePorts = { clock: liveClock, entropy: new LiveEntropy(), serial: new LiveSerial() }
export const quietLog = new Log(() => undefined, () => 0)

export function shipped(id: string): Recipe {
  const entry = openBook(null).recipes.get(id)
  if (!entry) throw new Error(`no recipe ${id}`)
  return entry.recipe
}

export interface Played { readonly end: RecipeEnd; readonly transcript: Transcript }

export async function play(recipe: Recipe, path: string, power: LanePower | null, options: Partial<SessionOptions> = {}): Promise<Played> {
  const transcript = new Transcript(liveClock)
  const end = await playRecipe(livePorts, quietLog, recipe, { path, power, hands: () => undefined, untilFactory: null, values: {}, secrets: new Map(), transcript, ...options }, new AbortController().signal)
  return { end, transcript }
}
