/**
 * Rounds of trouble against real programs in QEMU, for `npm run soak -- consoles`: noise, losses, slowness, power cuts and pulled
 * adapters at another moment each time. One sentence must hold: *verified* is only said of a unit whose owner is gone.
 */
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/main/bench/log.ts'
import type { Recipe } from '../../src/main/domain/recipe.ts'
import { Adapter, dice, losing, missingPrograms, noisy } from '../helpers/adapter.ts'
import { findKernel, LINUX_PASSWORD, LINUX_PROGRAMS, linuxHasOwner, linuxImages, Machine, scratch, UBOOT_PROGRAMS, ubootHasOwner, ubootImages } from '../helpers/machine.ts'
import { play, shipped } from '../helpers/recipes.ts'

const rounds = Number(process.env['UNBINDERY_CONSOLE_ROUNDS'] ?? 0)
const kernel = findKernel()
const TROUBLES = ['noise', 'losses', 'slow', 'power cut', 'pulled', 'without erasing'] as const
type Trouble = (typeof TROUBLES)[number]

function quicker(recipe: Recipe, seconds: number): Recipe {
  const quick = (step: Recipe['steps'][number]): Recipe['steps'][number] => 'within' in step ? { ...step, within: Math.min(step.within, seconds) } : step
  return { ...recipe, steps: recipe.steps.map(quick), verify: recipe.verify.map(quick) }
}

function spoil(trouble: Trouble, adapter: Adapter, unit: Machine, seed: number): void {
  const random = dice(seed)
  for (let i = 0; i < 8; i += 1) random()
  const toUnit = adapter.onWritten
  const after = Math.floor(40 + random() * 120) // bytes typed before it happens
  if (trouble === 'noise') {
    adapter.toUnit = noisy(40 + random() * 200, random)
    adapter.toStation = noisy(200 + random() * 2000, random)
  }
  if (trouble === 'losses') {
    adapter.toUnit = losing(40 + random() * 100, random)
    adapter.toStation = losing(400 + random() * 2000, random)
  }
  if (trouble === 'slow') adapter.slowMs = 1
  if (trouble === 'power cut' || trouble === 'pulled') {
    adapter.onWritten = bytes => {
      toUnit(bytes)
      if (adapter.written.length < after) return
      if (trouble === 'pulled') adapter.pull()
      else if (unit.starts === 1) void unit.off().then(() => unit.on()) // once; it starts again by itself, bound or not
    }
  }
}

describe.skipIf(rounds === 0)(`${rounds} rounds of trouble (npm run soak -- consoles)`, () => {
  const missing = rounds === 0 ? [] : missingPrograms(...UBOOT_PROGRAMS, ...LINUX_PROGRAMS)
  for (let round = 1; round <= rounds; round += 1) {
    const trouble = TROUBLES[round % TROUBLES.length] ?? 'noise'
    it.skipIf(missing.length > 0)(`U-Boot, round ${round}: ${trouble}`, { timeout: 240_000 }, async () => {
      using place = scratch()
      const { env, args } = ubootImages(place.folder)
      await using adapter = await Adapter.open()
      await using unit = new Machine('qemu-system-arm', args, adapter)
      spoil(trouble, adapter, unit, round)
      const recipe = quicker(shipped('uboot-env'), 12)
      const { end, transcript } = await play(trouble === 'without erasing' ? { ...recipe, steps: recipe.steps.filter(s => !('erases' in s)) } : recipe, adapter.path, unit)
      await unit.off()
      process.stdout.write(`round ${round}: U-Boot, ${trouble}: ${end.verdict} at ${end.step} ${end.fault?.code ?? ''}\n`)
      if (end.verdict === 'verified') expect(ubootHasOwner(env), transcript.toString()).toBe(false)
      if (trouble === 'without erasing') expect(end.verdict).toBe('unproven')
      if (trouble === 'slow') expect(end.verdict, transcript.toString()).toBe('verified')
    })
    it.skipIf(missing.length > 0 || kernel === null)(`Linux, round ${round}: ${trouble}`, { timeout: 600_000 }, async () => {
      using place = scratch()
      const { disk, args } = linuxImages(place.folder, kernel ?? '')
      await using adapter = await Adapter.open()
      await using unit = new Machine('qemu-system-x86_64', args, adapter)
      spoil(trouble === 'slow' ? 'losses' : trouble, adapter, unit, round + 1000) // the kernel's own lines would take minutes byte by byte
      await unit.on()
      const recipe = quicker(shipped('linux-login'), 60)
      const { end, transcript } = await play(trouble === 'without erasing' ? { ...recipe, steps: recipe.steps.filter(s => !('erases' in s)) } : recipe, adapter.path, unit, { secrets: new Map([['password', new Secret(LINUX_PASSWORD)]]) })
      await unit.off()
      process.stdout.write(`round ${round}: Linux, ${trouble}: ${end.verdict} at ${end.step} ${end.fault?.code ?? ''}\n`)
      if (end.verdict === 'verified') expect(linuxHasOwner(disk), transcript.toString()).toBe(false)
      if (trouble === 'without erasing') expect(end.verdict).toBe('unproven')
      expect(transcript.toString()).not.toContain(LINUX_PASSWORD)
    })
  }
})
