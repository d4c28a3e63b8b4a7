/** The recipe for a Linux login against a Debian kernel and busybox in QEMU; its owner lies on an emulated disk. */
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/main/bench/log.ts'
import { Adapter, missingPrograms } from '../helpers/adapter.ts'
import { findKernel, LINUX_PASSWORD, LINUX_PROGRAMS, linuxHasOwner, linuxImages, Machine, scratch } from '../helpers/machine.ts'
import { play, shipped } from '../helpers/recipes.ts'

const kernel = findKernel()
const missing = missingPrograms(...LINUX_PROGRAMS, kernel ?? '/boot/vmlinuz (package linux-image-cloud-amd64)')

describe.skipIf(missing.length > 0)(`a real Linux login in QEMU${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`, () => {
  it('is logged into, reset, restarted and looked into; its password is nowhere in the transcript', { timeout: 180_000 }, async () => {
    using place = scratch()
    const { disk, args } = linuxImages(place.folder, kernel ?? '')
    await using adapter = await Adapter.open()
    await using unit = new Machine('qemu-system-x86_64', args, adapter)
    expect(linuxHasOwner(disk)).toBe(true)
    await unit.on()
    const { end, transcript } = await play(shipped('linux-login'), adapter.path, unit, { secrets: new Map([['password', new Secret(LINUX_PASSWORD)]]) })
    expect(end, transcript.toString()).toMatchObject({ verdict: 'verified', hasErased: true, fault: null })
    await unit.off()
    expect(linuxHasOwner(disk)).toBe(false)
    expect(transcript.toString()).not.toContain(LINUX_PASSWORD)
    expect(adapter.written.toString('latin1')).toContain(LINUX_PASSWORD)
  })
})
