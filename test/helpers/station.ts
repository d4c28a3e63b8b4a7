/** One line: a station inside a world. `await using bench = await openBench({ seed: 7, units: 8 })`. */
import type { Access } from '../../src/main/access.ts'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { loadConfig, type Config } from '../../src/main/config.ts'
import type { DoorName, DoorParams, DoorResult } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import { readDecoder } from '../../src/main/decoder.ts'
import { readFont } from '../../src/main/font.ts'
import type { Trainer } from '../../src/main/gate/training-answers.ts'
import type { Database, Ports, Sql } from '../../src/main/ports.ts'
import type { Simulate } from '../../src/main/proving.ts'
import type { OwnConfig } from '../../src/main/settings-desk.ts'
import { createStation, type Station } from '../../src/main/station.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { World, type WorldOptions } from '../../src/main/virtual/world.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'

/** The real SQLite, in memory, kept across restarts of the station in one world; can be cut off like a pulled plug. */
export class MemorySql implements Sql {
  readonly #real = new LiveSql()
  readonly #kept = new Map<string, Database>()
  #factsLeft = Infinity
  #onCut: () => void = () => undefined
  #life = 0

  /** After `facts` more facts nothing more is written or read by what is open now. */
  cutAfter(facts: number, onCut: () => void): void {
    this.#factsLeft = facts
    this.#onCut = onCut
  }

  /** The plug is in again: what is opened from now on works. */
  mend(): void {
    this.#factsLeft = Infinity
    this.#life += 1
  }

  open(path: string): Database {
    const db = this.#kept.get(path) ?? this.#real.open(':memory:')
    this.#kept.set(path, db)
    const life = this.#life
    const alive = (): void => { if (life !== this.#life || this.#factsLeft <= 0) throw new Fault('ledger.shut') }
    return {
      run: (sql, values) => {
        alive()
        return db.run(sql, values)
      },
      all: (sql, values) => {
        alive()
        return db.all(sql, values)
      },
      transaction: fn => {
        alive()
        const before = factCount(db)
        const result = db.transaction(fn)
        this.#factsLeft -= factCount(db) - before
        if (this.#factsLeft <= 0) this.#onCut()
        return result
      },
      [Symbol.dispose]: () => undefined
    }
  }
}

function factCount(db: Database): number {
  const isThere = db.all("SELECT 1 FROM sqlite_master WHERE name = 'fact'").length > 0
  return isThere ? db.all<{ n: number }>('SELECT count(*) AS n FROM fact')[0]?.n ?? 0 : 0
}

export interface BenchOptions extends Partial<WorldOptions> { readonly settings?: Record<string, string>; readonly ports?: (ports: Ports) => Ports; readonly access?: Access; readonly simulate?: Simulate | undefined; readonly own?: OwnConfig; readonly trainer?: (world: World) => Trainer }

export class TestBench implements AsyncDisposable {
  readonly world: World
  readonly sql = new MemorySql()
  readonly lines: LogLine[] = []
  readonly config: Config
  readonly #ports: Ports
  readonly #access: Access
  readonly #trainer: { readonly trainer?: Trainer }
  readonly #more: { readonly simulate?: Simulate; readonly own?: OwnConfig }
  station!: Station

  constructor(options: BenchOptions) {
    this.world = new World({ seed: 1, sql: this.sql, ...options })
    this.#access = options.access ?? virtualAccess()
    this.#trainer = options.trainer === undefined ? {} : { trainer: options.trainer(this.world) }
    this.#more = { ...options.simulate === undefined ? {} : { simulate: options.simulate }, ...options.own === undefined ? {} : { own: options.own } }
    this.#ports = options.ports?.(this.world.ports) ?? this.world.ports
    this.config = loadConfig({ file: null, text: null, env: {}, flags: { 'bench.card': 'bench0', ...options.settings } })
  }

  /** Opens the station, or opens it again after `kill`. */
  async open(): Promise<this> {
    const log = new Log(line => { this.lines.push(line) }, () => this.world.clock.now())
    this.station = await this.world.run(createStation(this.#ports, this.config, { dataDir: '/data', log, version: '0.0.0-test', access: this.#access, font: readFont, decoder: readDecoder, folders: () => this.world.ports.disk, ...this.#trainer, ...this.#more }))
    return this
  }

  get ledger(): Station['ledger'] { return this.station.ledger }

  /** Asks the gate as a screen would; throws the fault. */
  readonly ask = async <N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorResult<N>> => {
    const answer = await this.station.gate.ask(name, params, { host: 'local' })
    if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
    return answer.value as DoorResult<N> // the answer of the row asked for
  }

  run<T>(promise: Promise<T>): Promise<T> { return this.world.run(promise) }

  /** Cuts the station off after so many more facts, and starts it again on the same ledger. Resolves when it runs again. */
  async crashAfter(facts: number, working: Promise<unknown>): Promise<'crashed' | 'finished'> {
    const { promise, resolve } = Promise.withResolvers<'crashed'>()
    this.sql.cutAfter(facts, () => resolve('crashed'))
    const ended = await this.run(Promise.race([promise, working.then(() => 'finished' as const)]))
    if (ended === 'finished') {
      this.sql.cutAfter(Infinity, () => undefined)
      return ended
    }
    await this.run(this.station.close().catch(() => undefined)) // its last words have no ledger to go to
    this.sql.mend()
    await this.open()
    return ended
  }

  async sleep(ms: number): Promise<void> {
    await this.run(this.world.clock.sleep(ms as Parameters<typeof this.world.clock.sleep>[0], new AbortController().signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(this.station.close())
    await this.world[Symbol.asyncDispose]()
  }
}

export async function openBench(options: BenchOptions): Promise<TestBench> {
  return new TestBench(options).open()
}
