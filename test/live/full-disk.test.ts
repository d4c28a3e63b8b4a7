// A disk that really fills up: a small file system of its own, the real guard, the real ledger.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { minutes, seconds } from '#shared'
import { Reading } from '../../src/main/bench/reading.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { verifyLedger } from '../../src/main/bench/verify.ts'
import { Watchman } from '../../src/main/bench/watchman.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import type { Reader } from '../../src/main/ports.ts'
import { faultOf, GATEWAY, LedgerBench, mac } from '../helpers/ledger.ts'

const MB = 1024 * 1024
const SIZE_MB = 640

/** null: this computer does not let us mount. */
function mountSmall(): ({ readonly path: string } & Disposable) | null {
  const path = mkdtempSync(join(tmpdir(), 'ub-care-full-'))
  const tried = process.platform === 'linux' && process.getuid?.() === 0 ? spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'ub-care', path]).status : 1
  if (tried !== 0) {
    rmdirSync(path)
    return null
  }
  return {
    path, [Symbol.dispose]: () => {
      execFileSync('umount', [path])
      rmdirSync(path)
    }
  }
}

const canMount = ((): boolean => {
  using mounted = mountSmall()
  return mounted !== null
})()

it.skipIf(!canMount)('takes no new unit, drops its ballast, finishes what runs, refuses whole facts at zero, and goes on once there is room (needs root and tmpfs)', async () => {
  using small = mountSmall() ?? expect.fail('mount')
  const disk = new LiveDisk(small.path)
  const filler = join(small.path, 'filler')
  const fillTo = (left: number): void => {
    rmSync(filler, { force: true })
    execFileSync('fallocate', ['-l', String(disk.free() - left), filler])
  }
  const reader: Reader = { ask: async () => await Promise.resolve('ok'), copy: async () => { await Promise.resolve() } }
  const scope = new Scope('test')
  const bench = new LedgerBench(join(small.path, 'ledger.db'))
  try {
    const { clock, ledger } = bench
    const watchman = new Watchman({ clock, disk, reader, reading: new Reading(ledger, reader, ''), backups: null, vendorHeardAt: () => null, newestAt: () => null }, bench.log)
    watchman.start(scope)
    await clock.advance(minutes(2))
    expect([watchman.fault, disk.list('ballast')]).toMatchObject([null, { length: 16 }])
    const unit = bench.meet('u1', { aliases: [mac(1)] })
    const job = bench.openJob('j1', unit)

    fillTo(400 * MB)
    await clock.advance(seconds(10))
    expect(watchman.fault).toMatchObject({ code: 'ledger.space-low' })
    expect(disk.list('ballast')).toHaveLength(16)

    fillTo(2 * MB)
    await clock.advance(seconds(10))
    expect(disk.list('ballast')).toEqual([])
    expect(disk.free()).toBeGreaterThan(60 * MB)
    bench.tell(unit, job, { kind: 'seat.spent', account: 'house', product: GATEWAY }, { kind: 'job.closed', outcome: 'unproven', grade: null, fault: null, provenAt: null })
    expect(ledger.job(job)?.stage).toBe('closed')

    execFileSync('fallocate', ['-l', String(disk.free()), join(small.path, 'last')])
    const before = ledger.lastSeq
    const refused = Array.from({ length: 200 }, (_, n) => faultOf(() => bench.meet(`full${n}`))).find(fault => fault !== null)
    expect(refused?.code).toBe('ledger.disk-full')
    const whole = bench.kinds(before).length
    expect(whole % 2).toBe(0) // met and known together, or neither
    expect(bench.db.all<{ n: number }>("SELECT count(*) AS n FROM unit JOIN id USING (n) WHERE text LIKE 'full%'")[0]?.n).toBe(whole / 2)

    rmSync(filler)
    rmSync(join(small.path, 'last'))
    bench.meet('after')
    await clock.advance(minutes(2))
    expect([watchman.fault, disk.list('ballast').length]).toEqual([null, 16])
    expect(verifyLedger(ledger, 's', []).broken).toEqual([])
    await clock.run(scope.close())
  } finally {
    bench[Symbol.dispose]()
  }
})

it.skipIf(!canMount)('an archive or a copy that finds no room says so and leaves nothing half (needs root and tmpfs)', () => {
  using small = mountSmall() ?? expect.fail('mount')
  const disk = new LiveDisk(small.path)
  execFileSync('fallocate', ['-l', String(disk.free() - MB), join(small.path, 'filler')])
  expect(faultOf(() => disk.writeAtomic('archive/x.gz', new Uint8Array(4 * MB)))?.code).toBe('ledger.disk-full')
  expect(disk.list('archive')).toEqual([])
})
