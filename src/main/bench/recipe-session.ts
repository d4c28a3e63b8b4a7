/** One recipe on one unit, from opening its console to closing it again; the transcript is given back whatever happens. */
import { baudOf, needsConsole, valuesFor, type Recipe } from '../domain/recipe.ts'
import type { Ports } from '../ports.ts'
import { CHAR_MS, Console, ECHO_MS } from './console.ts'
import type { Log, Secret } from './log.ts'
import { RecipeRunner, type RecipeBench, type RecipeEnd } from './recipe-runner.ts'
import { Scope } from './scope.ts'
import { Transcript } from './transcript.ts'

export interface SessionOptions extends Pick<RecipeBench, 'power' | 'hands' | 'untilFactory' | 'onStep'> {
  /** null: the recipe needs no console. */
  readonly path: string | null
  readonly values: Readonly<Record<string, string>>
  readonly secrets: ReadonlyMap<string, Secret<string>>
  readonly transcript?: Transcript
}

/** Faults: `serial.*` when the console cannot be opened, `recipe.invalid` when a value is missing; all others are in the end. */
export async function playRecipe(ports: Pick<Ports, 'clock' | 'entropy' | 'serial'>, log: Log, recipe: Recipe, options: SessionOptions, signal: AbortSignal): Promise<RecipeEnd> {
  const { clock, entropy, serial } = ports
  const values = valuesFor(recipe, options.values, new Set(options.secrets.keys()))
  const transcript = options.transcript ?? new Transcript(clock)
  const scope = new Scope('console')
  try {
    let console: Console | null = null
    if (options.path !== null && needsConsole(recipe)) {
      const baud = baudOf(recipe)
      const pipe = scope.own(await serial.open(options.path, { baud }, signal))
      console = new Console(clock, pipe, transcript, { path: options.path, baud, charMs: CHAR_MS, echoMs: ECHO_MS })
      console.start(scope)
    }
    const { power, hands, untilFactory, onStep, secrets } = options
    return await new RecipeRunner({ clock, entropy, log, console, transcript, power, hands, untilFactory, values, secrets, ...(onStep ? { onStep } : {}) }, recipe).run(signal)
  } finally {
    await scope.close()
  }
}
