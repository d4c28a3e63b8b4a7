/** Whatever a unit says, a destructive step of a shipped recipe is entered only at its prompt and after its own echo. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { millis } from '#shared'
import { Log, Secret } from '../../src/main/bench/log.ts'
import { openBook } from '../../src/main/bench/recipe-book.ts'
import { playRecipe } from '../../src/main/bench/recipe-session.ts'
import { parseTranscript } from '../../src/main/bench/transcript.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { fuzzedUnit } from '../helpers/fuzzed-unit.ts'
import { FOREVER, scripted } from '../helpers/virtual-console.ts'

const SEEDS = Number(process.env['UNBINDERY_FUZZ_SEEDS'] ?? 200)
const ERASING = [...openBook(null).recipes.values()].map(e => e.recipe).filter(r => r.danger === 'erases-settings')
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = { 'rtl8196e-esc': { start: '20000' } }

it('all recipes that erase are here', () => {
  expect(ERASING.map(r => r.id).toSorted()).toEqual(['linux-login', 'openwrt-failsafe', 'rtl8196e-esc', 'uboot-env'])
})

it.each(ERASING)(`${SEEDS} units that do anything never make the destructive step of $id run without its prompt`, { timeout: 600_000 }, async recipe => {
  const golden = parseTranscript(readFileSync(resolve(import.meta.dirname, `../golden/recipes/${recipe.id}.txt`), 'utf8'))
  const values = VALUES[recipe.id] ?? {}
  const secrets = new Map(Object.entries(recipe.values ?? {}).filter(([, v]) => v.secret).map(([name]) => [name, new Secret('returns-4711')]))
  let erased = 0
  const verdicts: Record<string, number> = {}
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const clock = new VirtualClock()
    const serial = new VirtualSerial(clock)
    const fuzzed = fuzzedUnit(seed, recipe, golden, values)
    const { unit, attach } = scripted(clock, fuzzed.hear)
    serial.plug({ path: 'unit', label: 'unit' }, attach)
    const nothing = async (): Promise<void> => undefined
    const power = { on: nothing, off: nothing, cycle: () => fuzzed.start(unit) }
    const playing = playRecipe({ clock, serial, entropy: new SeededEntropy(seed) }, new Log(() => undefined, () => 0), recipe, { path: 'unit', values, secrets, power, hands: () => undefined, untilFactory: null }, FOREVER)
    if (!recipe.steps.some(step => 'power' in step)) clock.after(millis(200), () => { void fuzzed.start(unit) })
    const { verdict, hasErased } = await clock.run(playing)
    expect({ seed, complaints: fuzzed.complaints }).toEqual({ seed, complaints: [] })
    if (fuzzed.erased() > 0) expect({ seed, hasErased }).toEqual({ seed, hasErased: true }) // never done and not said
    erased += fuzzed.erased()
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  expect(erased, `the fuzzer never got as far: ${JSON.stringify(verdicts)}`).toBeGreaterThan(SEEDS / 10)
})
