/** The recipe for a Linux login over a bad line: echoes come slowly and bytes are lost, and every command still arrives whole. */
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/main/bench/log.ts'
import { Adapter, dice, losing, missingPrograms, type Spoil } from '../helpers/adapter.ts'
import { findKernel, LINUX_PASSWORD, LINUX_PROGRAMS, linuxHasOwner, linuxImages, Machine, scratch } from '../helpers/machine.ts'
import { play, shipped } from '../helpers/recipes.ts'

const kernel = findKernel()
const missing = missingPrograms(...LINUX_PROGRAMS, kernel ?? '/boot/vmlinuz (package linux-image-cloud-amd64)')

describe.skipIf(missing.length > 0)(`a real Linux login over a bad line${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  it('with slow echoes, and one byte in 70 lost on the way to the unit, is reset and verified', { timeout: 180_000 }, async () => {
    using place = scratch()
    const { disk, args } = linuxImages(place.folder, kernel ?? '')
    await using adapter = await Adapter.open()
    let said = ''
    let lost = 0
    const lose = losing(70, dice(5))
    adapter.toStation = bytes => {
      said = (said + bytes.toString('latin1')).slice(-400)
      adapter.slowMs = /login: |# /.test(said) && !/Restarting|reboot/.test(said) ? 1 : 0 // the kernel's own lines would take minutes byte by byte
      return bytes
    }
    const spoil: Spoil = bytes => {
      if (said.endsWith('Password: ') || bytes.includes('\r')) return bytes // neither has an echo: a lost letter makes a wrong password, and an Enter that erases is never pressed twice
      const left = lose(bytes)
      lost += bytes.length - left.length
      return left
    }
    adapter.toUnit = spoil
    await using unit = new Machine('qemu-system-x86_64', args, adapter)
    await unit.on()
    const { end, transcript } = await play(shipped('linux-login'), adapter.path, unit, { secrets: new Map([['password', new Secret(LINUX_PASSWORD)]]) })
    expect(end, transcript.toString()).toMatchObject({ verdict: 'verified', hasErased: true, fault: null })
    expect(lost).toBeGreaterThan(0)
    await unit.off()
    expect(linuxHasOwner(disk)).toBe(false)
    expect(transcript.toString()).not.toContain(LINUX_PASSWORD)
  })
})
