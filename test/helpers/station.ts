/** One line: a station inside a world. `await using bench = await openBench({ seed: 7, units: 8 })`. */
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { loadConfig, type Config } from '../../src/main/config.ts'
import type { DoorName, DoorParams, DoorResult } from '#shared'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Ports, Sql } from '../../src/main/ports.ts'
import { createStation, type Station } from '../../src/main/station.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { World, type WorldOptions } from '../../src/main/virtual/world.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'

/** The real SQLite, in memory, and kept across restarts of the station in one world. */
export class MemorySql implements Sql {
  readonly #real = new LiveSql()
  readonly #open = new Map<string, ReturnType<LiveSql['open']>>()

  open(path: string): ReturnType<LiveSql['open']> {
    let db = this.#open.get(path)
    if (!db) this.#open.set(path, db = this.#real.open(':memory:'))
    const kept = db
    return { run: (sql, values) => kept.run(sql, values), all: (sql, values) => kept.all(sql, values), transaction: fn => kept.transaction(fn), [Symbol.dispose]: () => undefined }
  }
}

export interface BenchOptions extends Partial<WorldOptions> { readonly settings?: Record<string, string>; readonly ports?: (ports: Ports) => Ports }

export class TestBench implements AsyncDisposable {
  readonly world: World
  readonly lines: LogLine[] = []
  readonly config: Config
  readonly #ports: Ports
  station!: Station

  constructor(options: BenchOptions) {
    this.world = new World({ seed: 1, sql: new MemorySql(), ...options })
    this.#ports = options.ports?.(this.world.ports) ?? this.world.ports
    this.config = loadConfig({ file: null, text: null, env: {}, flags: { 'bench.card': 'bench0', ...options.settings } })
  }

  /** Opens the station, or opens it again after `kill`. */
  async open(): Promise<this> {
    const log = new Log(line => { this.lines.push(line) }, () => this.world.clock.now())
    this.station = await this.world.run(createStation(this.#ports, this.config, { dataDir: '/data', log, version: '0.0.0-test', access: virtualAccess() }))
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
