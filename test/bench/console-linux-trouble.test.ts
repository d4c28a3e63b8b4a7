/** The recipe for a Linux login when the line is noisy, the power fails in the middle, or the adapter is pulled: never called reset unless it is. */
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/main/bench/log.ts'
import type { Recipe } from '../../src/main/domain/recipe.ts'
import { Adapter, dice, missingPrograms, noisy } from '../helpers/adapter.ts'
import { findKernel, LINUX_PASSWORD, LINUX_PROGRAMS, linuxHasOwner, linuxImages, Machine, scratch } from '../helpers/machine.ts'
import { play, shipped, type Played } from '../helpers/recipes.ts'

const kernel = findKernel()
const missing = missingPrograms(...LINUX_PROGRAMS, kernel ?? '/boot/vmlinuz (package linux-image-cloud-amd64)')

/** With less patience once the login is there: what fails fails at once. */
function quicker(recipe: Recipe): Recipe {
  const quick = (step: Recipe['steps'][number]): Recipe['steps'][number] => 'within' in step ? { ...step, within: Math.min(step.within, 'run' in step && step.run === '{user}' ? 60 : 5) } : step
  return { ...recipe, steps: recipe.steps.map(quick), verify: recipe.verify.map(quick) }
}

async function reset(spoil: (adapter: Adapter, unit: Machine) => void, judge: (played: Played, hasOwner: boolean, adapter: Adapter) => void): Promise<void> {
  using place = scratch()
  const { disk, args } = linuxImages(place.folder, kernel ?? '')
  await using adapter = await Adapter.open()
  await using unit = new Machine('qemu-system-x86_64', args, adapter)
  spoil(adapter, unit)
  await unit.on()
  const played = await play(quicker(shipped('linux-login')), adapter.path, unit, { secrets: new Map([['password', new Secret(LINUX_PASSWORD)]]) })
  await unit.off()
  expect(played.transcript.toString()).not.toContain(LINUX_PASSWORD)
  judge(played, linuxHasOwner(disk), adapter)
}

/** Calls `act` once, when this much of the command stands on the line to the unit. */
function whenTyped(adapter: Adapter, text: string, act: () => void): void {
  const toUnit = adapter.onWritten
  let isDone = false
  adapter.onWritten = bytes => {
    toUnit(bytes)
    if (isDone || !adapter.written.includes(text)) return
    isDone = true
    act()
  }
}

describe.skipIf(missing.length > 0)(`a real Linux login in trouble${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  it('noise both ways never makes a unit verified that still has its owner', { timeout: 120_000 }, () => reset(adapter => {
    const [there, here] = [noisy(60, dice(21)), noisy(600, dice(22))]
    let hasAsked = false
    adapter.toUnit = bytes => hasAsked ? there(bytes) : bytes
    adapter.toStation = bytes => {
      hasAsked ||= bytes.includes('login: ')
      return hasAsked ? here(bytes) : bytes
    }
  }, ({ end, transcript }, hasOwner) => {
    if (end.verdict === 'verified') expect(hasOwner, transcript.toString()).toBe(false)
    expect(end.verdict, transcript.toString()).not.toBe('closed')
  }))

  it('a power cut just before the reset command is entered leaves it unproven, and bound', { timeout: 120_000 }, () => reset((adapter, unit) => {
    whenTyped(adapter, 'factory-reset &', () => { void unit.off() })
  }, ({ end, transcript }, hasOwner) => {
    expect(end, transcript.toString()).toMatchObject({ verdict: 'unproven' })
    expect(hasOwner).toBe(true)
  }))

  it('an adapter pulled in the middle ends it at once, with its name', { timeout: 120_000 }, () => reset(adapter => {
    whenTyped(adapter, 'factory', () => { adapter.pull() })
  }, ({ end }, hasOwner, adapter) => {
    expect(end).toMatchObject({ verdict: 'unproven', hasErased: false, fault: { code: 'serial.no-port', context: { path: adapter.path } } })
    expect(hasOwner).toBe(true)
  }))
})
