/** The recipe for U-Boot against Debian's U-Boot in QEMU: its flash was filled by mkenvimage, its console is a pty. */
import { describe, expect, it } from 'vitest'
import type { Recipe } from '../../src/main/domain/recipe.ts'
import { Adapter, dice, losing, missingPrograms, noisy } from '../helpers/adapter.ts'
import { Machine, scratch, UBOOT_PROGRAMS, ubootHasOwner, ubootImages } from '../helpers/machine.ts'
import { play, shipped } from '../helpers/recipes.ts'

const missing = missingPrograms(...UBOOT_PROGRAMS)

function without(recipe: Recipe, isGone: (step: Recipe['steps'][number]) => boolean): Recipe {
  return { ...recipe, steps: recipe.steps.filter(step => !isGone(step)) }
}

describe.skipIf(missing.length > 0)(`a real U-Boot in QEMU${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  it('is stopped, erased, started again, and verified by what it says then', { timeout: 120_000 }, async () => {
    using place = scratch()
    const { env, args } = ubootImages(place.folder)
    await using adapter = await Adapter.open()
    await using unit = new Machine('qemu-system-arm', args, adapter)
    expect(ubootHasOwner(env)).toBe(true)
    const { end, transcript } = await play(shipped('uboot-env'), adapter.path, unit)
    expect(end, transcript.toString()).toMatchObject({ verdict: 'verified', hasErased: true, fault: null })
    await unit.off()
    expect(ubootHasOwner(env)).toBe(false)
  })

  it('without the erase step the same recipe cannot be verified: the owner is still there after the start', { timeout: 120_000 }, async () => {
    using place = scratch()
    const { env, args } = ubootImages(place.folder)
    await using adapter = await Adapter.open()
    await using unit = new Machine('qemu-system-arm', args, adapter)
    const recipe = without(shipped('uboot-env'), step => 'run' in step && step.erases === true)
    const { end, transcript } = await play({ ...recipe, verify: recipe.verify.map(step => 'wait' in step ? { ...step, within: 4 } : step) }, adapter.path, unit)
    expect(end, transcript.toString()).toMatchObject({ verdict: 'unproven', hasErased: false })
    expect(end.step).toMatch(/^verify/)
    await unit.off()
    expect(ubootHasOwner(env)).toBe(true)
  })

  it('on a line that loses one byte in 60 and echoes slowly, every command still arrives whole', { timeout: 120_000 }, async () => {
    using place = scratch()
    const { env, args } = ubootImages(place.folder)
    await using adapter = await Adapter.open()
    adapter.toUnit = losing(60, dice(7))
    adapter.slowMs = 1
    await using unit = new Machine('qemu-system-arm', args, adapter)
    const { end, transcript } = await play(shipped('uboot-env'), adapter.path, unit)
    expect(end, transcript.toString()).toMatchObject({ verdict: 'verified', fault: null })
    await unit.off()
    expect(ubootHasOwner(env)).toBe(false)
  })

  it('noise both ways never makes a unit verified that still has its owner, nor any other command than ours run', { timeout: 120_000 }, async () => {
    using place = scratch()
    const { env, args } = ubootImages(place.folder)
    await using adapter = await Adapter.open()
    adapter.toUnit = noisy(80, dice(11))
    adapter.toStation = noisy(400, dice(12))
    await using unit = new Machine('qemu-system-arm', args, adapter)
    const { end, transcript } = await play(quicker(shipped('uboot-env')), adapter.path, unit)
    await unit.off()
    if (end.verdict === 'verified') expect(ubootHasOwner(env), transcript.toString()).toBe(false)
    expect(end.verdict).not.toBe('closed')
  })

  it('a power cut in the middle of erasing leaves it unproven', { timeout: 120_000 }, async () => {
    using place = scratch()
    const { args } = ubootImages(place.folder)
    await using adapter = await Adapter.open()
    await using unit = new Machine('qemu-system-arm', args, adapter)
    const toUnit = adapter.onWritten
    adapter.onWritten = bytes => {
      toUnit(bytes)
      if (bytes.includes('\r') && adapter.written.toString('latin1').endsWith('erase 0x04000000 +0x40000\r')) void unit.off()
    }
    const { end } = await play(quicker(shipped('uboot-env')), adapter.path, unit)
    expect(end).toMatchObject({ verdict: 'unproven', hasErased: true, step: 'steps 4', fault: { code: 'console.silent' } })
  })

  it('an adapter pulled in the middle ends it at once, with its name', { timeout: 120_000 }, async () => {
    using place = scratch()
    const { env, args } = ubootImages(place.folder)
    await using adapter = await Adapter.open()
    await using unit = new Machine('qemu-system-arm', args, adapter)
    const toUnit = adapter.onWritten
    adapter.onWritten = bytes => {
      toUnit(bytes)
      if (adapter.written.includes('protect off')) adapter.pull() // however the bytes are cut on the way
    }
    const { end } = await play(shipped('uboot-env'), adapter.path, unit)
    expect(end).toMatchObject({ verdict: 'unproven', hasErased: false, fault: { code: 'serial.no-port', context: { path: adapter.path } } })
    await unit.off()
    expect(ubootHasOwner(env)).toBe(true)
  })
})

/** The same with less patience: a step that fails here fails at once. */
function quicker(recipe: Recipe): Recipe {
  const quick = (step: Recipe['steps'][number]): Recipe['steps'][number] => 'within' in step ? { ...step, within: Math.min(step.within, 6) } : step
  return { ...recipe, steps: recipe.steps.map(quick), verify: recipe.verify.map(quick) }
}
