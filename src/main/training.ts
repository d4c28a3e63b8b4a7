/**
 * Training: the same station on a virtual bench that works by itself, and exercises with a fault on it. Its ledger and its key are
 * its own; a virtual bench cannot be resumed, so every start begins a new ledger and keeps the last few beside it.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { minutes } from '#shared'
import type { Access } from './access.ts'
import { Secret, type Log } from './bench/log.ts'
import type { Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Trainer } from './gate/training-answers.ts'
import type { Disk, Ports, Sql } from './ports.ts'
import type { Station } from './station.ts'
import { VIRTUAL_ACCOUNT } from './virtual/cloud.ts'
import { Instructor, type InstructorDoor } from './virtual/instructor.ts'
import { OPERATOR_BADGE, VirtualOperator } from './virtual/operator.ts'
import { PRINTER_AT, VirtualPrinter } from './virtual/printer.ts'
import { BENCH_CARD, CENTRAL_URL, CLOUD_URL, TRAINING_FAULTS, VIRTUAL_WIFI, World } from './virtual/world.ts'

export interface Training {
  readonly ports: Ports
  readonly config: Config
  readonly access: Access
  readonly trainer: Trainer
  /** The virtual operator goes to work. */
  start(station: Station): void
  close(): Promise<void>
}

const UNITS = 8
const CAMERAS = 30
const OLD_LEDGERS_MAX = 5
/** Station seconds in a real one, in a demonstration: its day, and its night, which nobody wants to see. */
const [DEMO_PACE, NIGHT_PACE] = [20, 1800]

export async function createTraining(o: { readonly dataDir: string; readonly sql: Sql; readonly disk: Disk; readonly log: Log; readonly config: Config; readonly now: number; readonly seed: number }): Promise<Training> {
  putAside(join(o.dataDir, 'training'), o.now)
  const world = new World({ seed: o.seed, sql: o.sql, disk: o.disk, units: UNITS, cameras: CAMERAS, pace: 1, startAt: o.now, faults: TRAINING_FAULTS.units, cameraFaults: TRAINING_FAULTS.cameras, log: o.log.child({ part: 'virtual' }) })
  const printer = await new VirtualPrinter().plugInto(world.lan)
  const school = new School(world, printer, o.log)
  return {
    ports: world.ports,
    config: { ...o.config, ...TRAINING_BENCH },
    access: virtualAccess(),
    trainer: school,
    start: station => school.start(station, rate => world.clock.setRate(rate)),
    close: async () => {
      await school.close()
      await world[Symbol.asyncDispose]()
    }
  }
}

const LANES = 8

/** What training sets, whatever the configuration says: its cards, its managed switch, its printer. */
export const TRAINING_BENCH = {
  'bench.lanes': LANES, 'bench.card': BENCH_CARD, 'bench.address': '10.77.0.1/24', 'dhcp.poolStart': '10.77.0.20', 'dhcp.poolEnd': '10.77.0.219',
  'switch.ports': Array.from({ length: LANES }, (_, i) => ({ port: i + 1, lane: i + 1 })), 'printer.address': `${PRINTER_AT.address}:${PRINTER_AT.port}`
} as const

/** The virtual operator and the instructor, of whom one at a time has the bench. */
export class School implements Trainer {
  readonly #world: World
  readonly #printer: VirtualPrinter
  readonly #log: Log
  readonly #life = new AbortController()
  #working: Promise<unknown> = Promise.resolve()
  #people: { readonly operator: VirtualOperator; readonly instructor: Instructor } | null = null
  #pace: ((rate: number) => void) | null = null

  constructor(world: World, printer: VirtualPrinter, log: Log) {
    this.#world = world
    this.#printer = printer
    this.#log = log
  }

  /** `pace`: absent where time runs free. */
  start({ gate, ledger, competence }: Station, pace: ((rate: number) => void) | null = null): void {
    const door: InstructorDoor = { ask: (name, params) => gate.ask(name, params, { host: 'local' }) }
    const operator = new VirtualOperator(this.#world, door, pace === null ? {} : { night: (isOver, signal) => this.#night(isOver, signal) })
    const instructor = new Instructor({
      world: this.#world, printer: this.#printer, door, crew: operator, onFacts: fn => ledger.on(fn), ...pace === null ? {} : { pace },
      onScore: ({ name, badge, points, isPassed, at }) => { if (isPassed) competence.pass({ badge, course: name, score: points, at }) },
      onFault: fault => this.#log.fault('an exercise was broken off', fault)
    })
    this.#people = { operator, instructor }
    this.#pace = pace
    this.#working = operator.runForever(this.#life.signal).catch((thrown: unknown) => { if (!this.#life.signal.aborted) this.#log.fault('the virtual operator stopped', Fault.from(thrown)) })
  }

  async close(): Promise<void> {
    this.#life.abort(new Fault('station.stopped'))
    await this.#working
  }

  view(): ReturnType<Trainer['view']> {
    const { operator, instructor } = this.#both()
    return { ...instructor.view(), isDemo: operator.isDemo }
  }

  begin(...[exercise, badge]: Parameters<Trainer['begin']>): void {
    const { operator, instructor } = this.#both()
    if (badge === OPERATOR_BADGE) throw new Fault('training.no-badge') // the virtual operator learns nothing
    const exercising = instructor.begin(exercise, badge, this.#life.signal)
    operator.isDemo = false
    this.#working = Promise.all([this.#working, exercising])
  }

  hand(...[hand, box]: Parameters<Trainer['hand']>): Promise<void> {
    return this.#both().instructor.hand(hand, box)
  }

  stop(): void {
    this.#both().instructor.stop()
  }

  demo(isOn: boolean): void {
    const { operator, instructor } = this.#both()
    if (instructor.isBusy) throw new Fault('training.running')
    operator.isDemo = isOn
    this.#pace?.(isOn ? DEMO_PACE : 1)
  }

  async #night(isOver: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    this.#pace?.(NIGHT_PACE)
    while (!await isOver()) await this.#world.clock.sleep(minutes(10), signal)
    this.#pace?.(DEMO_PACE)
  }

  #both(): { readonly operator: VirtualOperator; readonly instructor: Instructor } {
    if (this.#people === null) throw new Fault('door.no-station')
    return this.#people
  }
}

/** What the virtual bench's accounts file would say. */
export function virtualAccess(): Access {
  const { id, clientId, secret, assetId, region } = VIRTUAL_ACCOUNT
  return {
    accounts: [{ id, clientId, secret: new Secret(secret), assetId, region, baseUrl: CLOUD_URL, products: [] }],
    wifi: [{ ssid: VIRTUAL_WIFI.ssid, password: new Secret(VIRTUAL_WIFI.password) }],
    centralUrl: CENTRAL_URL
  }
}

function putAside(dir: string, now: number): void {
  if (!existsSync(join(dir, 'ledger.db'))) return
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  for (const end of ['', '-wal', '-shm']) {
    const from = join(dir, `ledger.db${end}`)
    if (existsSync(from)) renameSync(from, join(dir, `ledger-${stamp}.db${end}`))
  }
  const old = readdirSync(dir).filter(name => /^ledger-.*\.db$/.test(name)).toSorted().slice(0, -OLD_LEDGERS_MAX)
  for (const name of old) for (const end of ['', '-wal', '-shm']) rmSync(join(dir, name + end), { force: true })
}
