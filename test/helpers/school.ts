/** A training bench in free time with its school: `await using school = await openSchool()`. The virtual operator comes when `works` says so. */
import { millis, seconds, type BoxView, type DoorAnswer, type DoorName, type DoorParams, type ExerciseName, type ScoreView, type TrainingView } from '#shared'
import { Log, type LogLine } from '../../src/main/bench/log.ts'
import { School, TRAINING_BENCH } from '../../src/main/training.ts'
import { VirtualPrinter } from '../../src/main/virtual/printer.ts'
import { openBench, type BenchOptions, type TestBench } from './station.ts'

const LOCAL = { host: 'local' } as const
const never = new AbortController().signal

export class OpenSchool implements AsyncDisposable {
  readonly bench: TestBench
  readonly school: School
  readonly printer: VirtualPrinter

  constructor(bench: TestBench, school: School, printer: VirtualPrinter) {
    this.bench = bench
    this.school = school
    this.printer = printer
  }

  view(): Promise<TrainingView> { return this.bench.ask('training.view', {}) }

  ask<N extends DoorName>(name: N, params: DoorParams<N>): Promise<DoorAnswer> { return this.bench.station.gate.ask(name, params, LOCAL) }

  /** Begins as a badge, and lets time pass until hands are wanted. */
  async until(name: ExerciseName, badge = '7'): Promise<readonly BoxView[]> {
    await this.bench.ask('scan', { text: `OP:${badge}` })
    await this.bench.ask('training.exercise', { exercise: name })
    return await this.wanted()
  }

  /** Until an act is due. */
  async wanted(): Promise<readonly BoxView[]> {
    for (let i = 0; i < 4000; i += 1) {
      const { running, last } = await this.view()
      if (running === null) throw new Error(`the exercise is over: ${JSON.stringify(last)}`)
      if (running.phase === 'acting') return running.boxes
      await this.bench.sleep(seconds(1))
    }
    throw new Error('nobody is asked to do anything')
  }

  /** Acts, one after the other with so many seconds between, then waits for the score. */
  async act(acts: readonly (() => Promise<unknown>)[], restSeconds = 2): Promise<ScoreView> {
    for (const act of acts) {
      await act()
      await this.bench.sleep(seconds(restSeconds))
    }
    return await this.score()
  }

  async score(): Promise<ScoreView> {
    for (let i = 0; i < 8000; i += 1) {
      const { running, last } = await this.view()
      if (running === null && last !== null) return last
      if (running === null) throw new Error('the exercise was not scored')
      await this.bench.sleep(seconds(1))
    }
    throw new Error('the exercise does not end')
  }

  /** A hand, which the bench must take. */
  readonly hand = (hand: DoorParams<'training.hand'>['hand'], box?: number) => (): Promise<unknown> => this.bench.run(this.bench.ask('training.hand', box === undefined ? { hand } : { hand, box }))
  readonly scan = (text: string) => (): Promise<unknown> => this.bench.run(this.bench.ask('scan', { text }))

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench.run(this.school.close())
    await this.bench[Symbol.asyncDispose]()
  }
}

/** `onPace`: told how fast the bench shall live from now on, of a bench whose time runs free. */
export async function openSchool({ onPace, ...options }: BenchOptions & { readonly onPace?: (rate: number) => void } = {}): Promise<OpenSchool> {
  const made: { school?: School } = {}
  const lines: LogLine[] = []
  const printer = new VirtualPrinter()
  const settings = { 'printer.address': TRAINING_BENCH['printer.address'], 'switch.ports': JSON.stringify(TRAINING_BENCH['switch.ports']), ...options.settings }
  const bench = await openBench({
    seed: 7, ...options, settings,
    trainer: world => {
      made.school = new School(world, printer, new Log(line => { lines.push(line) }, () => 0))
      return made.school
    }
  })
  const { school } = made
  if (school === undefined) throw new Error('no school was asked for')
  await bench.run(printer.plugInto(bench.world.lan))
  school.start(bench.station, onPace ?? null)
  await bench.run(bench.world.clock.sleep(millis(8000), never)) // the guard has looked, the lamps are on
  return new OpenSchool(bench, school, printer)
}
