/** A unit nobody here wrote: a program in QEMU behind a serial adapter. Its power is ours, its console is the adapter's. */
import { spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Millis } from '#shared'
import type { LanePower } from '../../src/main/bench/recipe-runner.ts'
import type { Adapter } from './adapter.ts'
import { pause } from './adapter.ts'

export class Machine implements LanePower, AsyncDisposable {
  readonly #program: string
  readonly #args: readonly string[]
  readonly #adapter: Adapter
  #running: ChildProcess | null = null
  #ending: Promise<unknown> = Promise.resolve()
  /** How often it was switched on. */
  starts = 0

  constructor(program: string, args: readonly string[], adapter: Adapter) {
    this.#program = program
    this.#args = args
    this.#adapter = adapter
    adapter.onWritten = bytes => { this.#running?.stdin?.write(bytes) }
  }

  async on(): Promise<void> {
    await this.#ending // its disk is locked until then
    if (this.#running) return
    this.starts += 1
    const child = spawn(this.#program, [...this.#args, '-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-net', 'none'], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (bytes: Buffer) => { if (this.#running === child) this.#adapter.say(bytes) })
    this.#running = child
  }

  async off(): Promise<void> {
    const child = this.#running
    if (!child) return
    this.#running = null
    const ended = new Promise(resolve => { child.once('exit', resolve) })
    this.#ending = ended
    child.kill('SIGKILL')
    await ended
  }

  async cycle(offMs: Millis): Promise<void> {
    await this.off()
    await pause(Math.min(offMs, 200)) // nothing in an emulated unit needs to discharge
    await this.on()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.off()
  }
}

const UBOOT = '/usr/lib/u-boot/qemu_arm/u-boot.bin'
export const UBOOT_PROGRAMS = ['socat', 'qemu-system-arm', 'mkenvimage', UBOOT] as const
const FLASH_BYTES = 64 * 1024 * 1024 // QEMU's virt board: two banks of 64 MiB
const ENV_BYTES = 0x40000 // CONFIG_ENV_SIZE of qemu_arm

/** Debian's U-Boot with an environment in which `mkenvimage` has written an owner. */
export function ubootImages(folder: string): { readonly env: string; readonly args: readonly string[] } {
  const rom = join(folder, 'rom.img')
  const env = join(folder, 'env.img')
  const boot = Buffer.alloc(FLASH_BYTES)
  readFileSync(UBOOT).copy(boot)
  writeFileSync(rom, boot)
  const list = join(folder, 'env.txt')
  writeFileSync(list, 'bootdelay=2\nbootcmd=echo starting the system\nowner=acct-4711\n')
  const made = spawnSync('mkenvimage', ['-s', String(ENV_BYTES), '-o', join(folder, 'env.bin'), list])
  if (made.status !== 0) throw new Error(made.stderr.toString())
  const flash = Buffer.alloc(FLASH_BYTES, 0xff)
  readFileSync(join(folder, 'env.bin')).copy(flash)
  writeFileSync(env, flash)
  return {
    env,
    args: ['-M', 'virt', '-m', '128', '-drive', `if=pflash,format=raw,index=0,readonly=on,file=${rom}`, '-drive', `if=pflash,format=raw,index=1,file=${env}`]
  }
}

export function ubootHasOwner(env: string): boolean {
  return readFileSync(env).subarray(0, ENV_BYTES).includes('owner=acct-4711')
}

/** A Debian kernel: installed, or unpacked somewhere and named. */
export function findKernel(): string | null {
  const named = process.env['UNBINDERY_TEST_KERNEL']
  if (named !== undefined && existsSync(named)) return named
  const found = existsSync('/boot') ? readdirSync('/boot').filter(f => f.startsWith('vmlinuz-')).toSorted().at(-1) : undefined
  return found === undefined ? null : join('/boot', found)
}
export const BUSYBOX = process.env['UNBINDERY_TEST_BUSYBOX'] ?? '/bin/busybox'
export const LINUX_PROGRAMS = ['socat', 'qemu-system-x86_64', 'cpio', BUSYBOX] as const

const INIT = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /data /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
for m in /modules/*.ko; do insmod $m; done
n=0; while [ ! -b /dev/vda ] && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
[ "$(dd if=/dev/vda bs=1 count=9 2>/dev/null)" = acct-4711 ] && echo acct-4711 > /data/owner
hostname ub-unit
exec init
`
const INITTAB = `ttyS0::respawn:/bin/getty -L 115200 ttyS0 vt100
::ctrlaltdel:/bin/reboot
`
/** What a maker would have put there: wipes the settings of the unit. */
const RESET = `#!/bin/sh
test -b /dev/vda && dd if=/dev/zero of=/dev/vda bs=512 count=8 2>/dev/null && sync && rm -f /data/owner
`
export const LINUX_PASSWORD = 'returns-4711'

/** A Linux with a login on its console; the owner lies on its disk. */
export function linuxImages(folder: string, kernel: string): { readonly disk: string; readonly args: readonly string[] } {
  const root = join(folder, 'root')
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, { mode })
  }
  put('init', INIT, 0o755)
  put('etc/inittab', INITTAB)
  const hash = spawnSync(BUSYBOX, ['mkpasswd', '-m', 'sha256', LINUX_PASSWORD], { encoding: 'utf8' }).stdout.trim()
  put('etc/passwd', `root:${hash}:0:0:root:/root:/bin/sh\n`)
  put('etc/group', 'root:x:0:\n')
  put('root/.profile', 'stty cols 80\n')
  put('sbin/factory-reset', RESET, 0o755)
  mkdirSync(join(root, 'bin'), { recursive: true })
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'))
  const libraries = spawnSync('ldd', [BUSYBOX], { encoding: 'utf8' }).stdout.matchAll(/(\/\S+) \(0x/g)
  for (const [, path = ''] of libraries) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    copyFileSync(path, join(root, path))
  }
  modules(kernel).forEach((path, i) => {
    mkdirSync(join(root, 'modules'), { recursive: true })
    copyFileSync(path, join(root, 'modules', `${i}-${path.split('/').at(-1) ?? ''}`))
  })
  const packed = spawnSync('sh', ['-c', 'find . | cpio -o -H newc -R 0:0 --quiet'], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  if (packed.status !== 0) throw new Error(packed.stderr.toString())
  const initrd = join(folder, 'initrd')
  writeFileSync(initrd, packed.stdout)
  const disk = join(folder, 'disk.img')
  const bytes = Buffer.alloc(1024 * 1024)
  bytes.write('acct-4711')
  writeFileSync(disk, bytes)
  return {
    disk,
    args: ['-M', 'pc', '-cpu', 'max', '-m', '192', '-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyS0 panic=1 random.trust_cpu=on', '-drive', `if=virtio,format=raw,file=${disk}`]
  }
}

/** What the kernel needs for a disk of QEMU, in the order of loading; built in where it is not found. */
function modules(kernel: string): string[] {
  const version = /vmlinuz-(.+)$/.exec(kernel)?.[1] ?? ''
  const base = join(dirname(dirname(kernel)), 'lib/modules', version, 'kernel/drivers')
  return ['virtio/virtio_ring.ko', 'virtio/virtio.ko', 'virtio/virtio_pci_legacy_dev.ko', 'virtio/virtio_pci_modern_dev.ko', 'virtio/virtio_pci.ko', 'block/virtio_blk.ko'].map(m => join(base, m)).filter(m => existsSync(m))
}

export function linuxHasOwner(disk: string): boolean {
  return readFileSync(disk).subarray(0, 9).toString() === 'acct-4711'
}

export function scratch(): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'ub-machine-'))
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
