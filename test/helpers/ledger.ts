/** A ledger by itself: the real SQLite, a virtual clock, dice with a seed; and short ways to say what happened to a unit. */
import { rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alias, JobId, Method, TokenId, UnitId, WaveId } from '#shared'
import { Ledger } from '../../src/main/bench/ledger.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import type { FactBody } from '../../src/main/domain/fact.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { Catalogue, type Product } from '../../src/main/domain/product.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import type { Database } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'

export const GATEWAY = 'gw3wired00000001'
export const CAMERA = 'cam2qr0000000001'
const product = (productKey: string, method: Method): Product => ({
  productKey, name: { en: productKey, zh: productKey }, kind: method === 'qr' ? 'camera' : 'gateway', method, lights: 'default', resetHoldSeconds: 10, resetWhen: 'powered', pairingSeconds: 600, rebootSeconds: 20
})
export const CATALOGUE = new Catalogue([product(GATEWAY, 'wired'), product(CAMERA, 'qr')])

export const unitId = (text: string): UnitId => text as UnitId // ids of a test are short words
export const jobId = (text: string): JobId => text as JobId // as above
export const waveId = (text: string): WaveId => text as WaveId // as above
export const tokenId = (text: string): TokenId => text as TokenId // as above
export const mac = (n: number): Alias => ({ kind: 'mac', value: `02:1e:00:00:00:${n.toString(16).padStart(2, '0')}` })

export class LedgerBench implements Disposable {
  readonly clock = new VirtualClock()
  readonly entropy = new SeededEntropy(5)
  readonly lines: LogLine[] = []
  readonly log = new Log(line => { this.lines.push(line) }, () => this.clock.now())
  readonly db: Database
  readonly ledger: Ledger

  constructor(path = ':memory:') {
    this.db = new LiveSql().open(path)
    this.ledger = new Ledger(this.db, this, this.log)
  }

  /** A unit that is here, with a product and what else is said of it. */
  meet(uid: string, o: { readonly by?: 'scan' | 'lease' | 'announcement'; readonly product?: string | null; readonly method?: Method; readonly aliases?: readonly Alias[] } = {}): UnitId {
    const unit = unitId(uid)
    const { by = 'lease', product: known = GATEWAY, method = 'wired', aliases = [] } = o
    this.ledger.commit(tx => {
      tx.append({ unit, body: { kind: 'unit.met', method, by } })
      for (const alias of aliases) tx.append({ unit, body: { kind: 'unit.named', alias } })
      if (known !== null) tx.append({ unit, body: { kind: 'unit.known', product: known, method } })
    })
    return unit
  }

  /** An open job of the unit, with its seat. */
  openJob(uid: string, unit: UnitId, wave: WaveId | null = null): JobId {
    const job = jobId(uid)
    const { ledger } = this
    const known = ledger.unit(unit)
    const about = { account: 'house', product: known?.product ?? GATEWAY }
    ledger.commit(tx => {
      tx.append({ unit, job, body: { kind: 'job.opened', attempt: (known?.attemptsThisStay ?? 0) + 1, method: known?.method ?? 'wired', wave, ...about } })
      tx.append({ unit, job, body: { kind: 'seat.reserved', ...about } })
    })
    return job
  }

  /** Facts about a job, each in its own transaction. */
  tell(unit: UnitId, job: JobId, ...bodies: readonly FactBody[]): void {
    for (const body of bodies) this.ledger.append({ unit, job, body })
  }

  kinds(after = 0): string[] {
    return this.ledger.factsAfter(after, 10_000).map(f => f.body.kind)
  }

  [Symbol.dispose](): void {
    this.db[Symbol.dispose]()
  }
}

/** A folder that is gone when the test is over. */
export function makeFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ub-ledger-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** The fault that `work` throws; its context is compared only where a test asks for it. */
export function faultOf(work: () => unknown): Fault | null {
  try { work() } catch (thrown) { return Fault.from(thrown) }
  return null
}
