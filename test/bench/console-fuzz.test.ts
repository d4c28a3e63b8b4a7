/** Whatever a unit says, a destructive step is entered only at its prompt and after its own echo. */
import { expect, it } from 'vitest'
import { Log } from '../../src/main/bench/log.ts'
import { playRecipe } from '../../src/main/bench/recipe-session.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { fuzzedUnit } from '../helpers/fuzzed-unit.ts'
import { shipped } from '../helpers/recipes.ts'
import { FOREVER, scripted } from '../helpers/virtual-console.ts'

const SEEDS = Number(process.env['UNBINDERY_FUZZ_SEEDS'] ?? 300)

it(`${SEEDS} units that do anything never make a destructive step run without its prompt`, { timeout: 600_000 }, async () => {
  const recipe = shipped('uboot-env')
  let erased = 0
  const verdicts: Record<string, number> = {}
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const clock = new VirtualClock()
    const serial = new VirtualSerial(clock)
    const fuzzed = fuzzedUnit(seed, 'erase 0x04000000 +0x40000')
    const { unit, attach } = scripted(clock, fuzzed.hear)
    serial.plug({ path: 'unit', label: 'unit' }, attach)
    const nothing = async (): Promise<void> => undefined
    const power = { on: nothing, off: nothing, cycle: async () => { await unit.say('\r\nU-Boot 2023.01\r\nHit any key to stop autoboot:  2 \b\b\b 0\r\n=> ') } }
    const { verdict } = await clock.run(playRecipe({ clock, serial, entropy: new SeededEntropy(seed) }, new Log(() => undefined, () => 0), recipe, { path: 'unit', values: {}, secrets: new Map(), power, hands: () => undefined, untilFactory: null }, FOREVER))
    expect({ seed, complaints: fuzzed.complaints }).toEqual({ seed, complaints: [] })
    erased += fuzzed.erased()
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  expect(erased, `the fuzzer never got as far: ${JSON.stringify(verdicts)}`).toBeGreaterThan(SEEDS / 20)
})
