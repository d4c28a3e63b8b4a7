/**
 * Plays a recipe on a unit. It ends in one of three ways: *verified* (the unit was seen to restart in factory state), *closed*
 * (its console takes no keys; a normal result), *unproven* (anything else after something was changed, or a step that failed).
 * A destructive step is sent only at its prompt, heard after the last Enter, and only when its echo came back letter by letter.
 */
import { millis, seconds, type Millis, type Words } from '#shared'
import { Fault } from '../domain/fault.ts'
import { compilePattern } from '../domain/pattern.ts'
import { isErasing, type Danger, type InterruptStep, type PowerStep, type Recipe, type RunStep, type SecretStep, type Step, type WaitStep } from '../domain/recipe.ts'
import type { Clock, Entropy } from '../ports.ts'
import { markOf, type Mark } from '../wire/console-text.ts'
import type { Console } from './console.ts'
import type { Log, Secret } from './log.ts'
import type { Transcript } from './transcript.ts'

/** The lane's power, where the station can switch it. */
export interface LanePower {
  on(signal: AbortSignal): Promise<void>
  off(signal: AbortSignal): Promise<void>
  cycle(offMs: Millis, signal: AbortSignal): Promise<void>
}
export type HandsWish = { readonly kind: 'power'; readonly to: 'on' | 'off' | 'cycle' } | { readonly kind: 'press'; readonly text: Words; readonly holdSeconds: number; readonly during: 'powered' | 'power-on' }
export interface RecipeBench {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  /** null: the recipe needs none. */
  readonly console: Console | null
  readonly transcript: Transcript
  readonly power: LanePower | null
  /** Tells hands what to do; the result is seen, never confirmed. */
  readonly hands: (wish: HandsWish) => void
  /** Resolves when the unit was seen on the LAN in factory state, after having been away or activated. null: nobody listens. */
  readonly untilFactory: ((signal: AbortSignal) => Promise<void>) | null
  readonly values: Readonly<Record<string, string>>
  readonly secrets: ReadonlyMap<string, Secret<string>>
  /** Told as each step begins. */
  readonly onStep?: (step: Step, index: number, of: 'steps' | 'verify') => void
}
export interface RecipeEnd {
  readonly recipe: string
  readonly version: number
  readonly danger: Danger
  readonly verdict: 'verified' | 'closed' | 'unproven'
  /** Something was sent that destroys. */
  readonly hasErased: boolean
  /** Where it ended, such as `steps 3`. */
  readonly step: string
  readonly fault: Fault | null
}

const TYPE_TRIES_MAX = 8
const ABANDON = '\u0003' // Ctrl-C runs nothing, anywhere
const QUIET = millis(250)
const QUIET_WITHIN = seconds(5)
const CYCLE_OFF = seconds(3)
/** Nudges in one wait for a prompt. */
const NUDGES_MAX = 3

export class RecipeRunner {
  readonly #bench: RecipeBench
  readonly #recipe: Recipe
  /** The prompt that was heard last and not used yet. */
  #isAtPrompt = false
  #hasSpoken = false
  #hasErased = false
  #at = ''

  constructor(bench: RecipeBench, recipe: Recipe) {
    this.#bench = bench
    this.#recipe = recipe
  }

  /** Rejects only when `signal` aborts. */
  async run(signal: AbortSignal): Promise<RecipeEnd> {
    const { steps, verify } = this.#recipe
    try {
      if (this.#recipe.power === 'required' && !this.#bench.power) throw new Fault('power.untrusted', { recipe: this.#recipe.id })
      for (const [i, step] of steps.entries()) if (await this.#play(step, i, 'steps', signal) === 'closed') return this.#ended('closed', null)
      for (const [i, step] of verify.entries()) await this.#play(step, i, 'verify', signal)
      return this.#ended('verified', null)
    } catch (thrown) {
      signal.throwIfAborted()
      return this.#ended('unproven', Fault.from(thrown))
    }
  }

  #ended(verdict: RecipeEnd['verdict'], fault: Fault | null): RecipeEnd {
    const { id, version, danger } = this.#recipe
    const end: RecipeEnd = { recipe: id, version, danger, verdict, hasErased: this.#hasErased, step: this.#at, fault }
    this.#bench.transcript.add('#', `${verdict} at ${this.#at}${fault ? `: ${fault.code}` : ''}`)
    this.#bench.log.info('recipe ended', { recipe: id, version, verdict, step: this.#at, ...(fault ? { code: fault.code } : {}) })
    return end
  }

  async #play(step: Step, index: number, of: 'steps' | 'verify', signal: AbortSignal): Promise<'on' | 'closed'> {
    this.#at = `${of} ${index + 1}`
    this.#bench.onStep?.(step, index, of)
    this.#bench.transcript.add('#', `${this.#at}: ${step.why}`)
    if (this.#hasSpoken || !isSpeech(step)) {
      await this.#do(step, signal)
      return 'on'
    }
    try {
      await this.#do(step, signal)
      this.#hasSpoken = true
      return 'on'
    } catch (thrown) {
      if (thrown instanceof Closed) return 'closed'
      // A unit that talks and takes no keys is closed where the recipe knows of that; one that is silent may be unplugged.
      if (this.#recipe.closed && of === 'steps' && thrown instanceof Fault && thrown.code === 'console.no-prompt') return 'closed'
      throw thrown
    }
  }

  async #do(step: Step, signal: AbortSignal): Promise<void> {
    const { clock } = this.#bench
    if ('power' in step) return this.#power(step, signal)
    if ('pulses' in step) {
      const { offSeconds, onSeconds, times } = step.pulses
      for (let i = 0; i < times; i += 1) {
        await this.#power({ power: 'off', why: step.why }, signal)
        await clock.sleep(seconds(offSeconds), signal)
        await this.#power({ power: 'on', why: step.why }, signal)
        await clock.sleep(seconds(onSeconds), signal)
      }
      return
    }
    if ('press' in step) return this.#hands({ kind: 'press', text: step.press, holdSeconds: step.holdSeconds ?? 0, during: step.during ?? 'powered' })
    if ('announced' in step) return this.#announced(seconds(step.within), signal)
    if ('interrupt' in step) return this.#interrupt(step, signal)
    if ('wait' in step) return this.#wait(step, signal)
    if ('run' in step) return this.#run(step, signal)
    if ('secret' in step) return this.#secret(step, signal)
    if ('settle' in step) {
      if (!await this.#console.settle(seconds(step.settle), seconds(step.within), signal)) throw new Fault('console.no-prompt', { path: this.#console.path, heard: 'it never stops talking' })
      return
    }
    await this.#console.break(millis(step.break), signal)
  }

  get #console(): Console {
    if (!this.#bench.console) throw new Fault('console.silent', { path: 'none' })
    return this.#bench.console
  }

  async #power(step: Pick<PowerStep, 'power' | 'offSeconds' | 'why'>, signal: AbortSignal): Promise<void> {
    const { power } = this.#bench
    this.#isAtPrompt = false
    if (!power) return this.#hands({ kind: 'power', to: step.power })
    this.#bench.transcript.add('#', `power ${step.power}`)
    if (step.power === 'cycle') await power.cycle(step.offSeconds === undefined ? CYCLE_OFF : seconds(step.offSeconds), signal)
    else await power[step.power](signal)
  }

  #hands(wish: HandsWish): void {
    this.#bench.transcript.add('#', wish.kind === 'power' ? `hands: power ${wish.to}` : `hands: press, ${wish.holdSeconds} s, ${wish.during}`)
    this.#bench.hands(wish)
  }

  async #announced(within: Millis, signal: AbortSignal): Promise<void> {
    const { untilFactory, clock } = this.#bench
    if (!untilFactory) throw new Fault('unit.not-reset', { reason: 'nobody listens on the LAN' })
    const own = new AbortController()
    const pass = (): void => own.abort(signal.reason)
    signal.addEventListener('abort', pass, { once: true })
    using _timer = clock.after(within, () => own.abort(new Fault('unit.not-reset', { afterMs: within })))
    try {
      await untilFactory(own.signal)
    } finally {
      signal.removeEventListener('abort', pass)
    }
  }

  async #interrupt(step: InterruptStep, signal: AbortSignal): Promise<void> {
    const console = this.#console
    const until = [compilePattern(step.until), ...this.#closedWords()]
    const found = await console.keepSending(step.interrupt, millis(step.everyMs), until, seconds(step.within), signal)
    if (found === null) throw console.missing(seconds(step.within))
    if (found.index > 0) throw new Closed()
    await console.drain(QUIET, QUIET_WITHIN, signal) // what was typed too much still echoes
    await console.send(step.clear ?? ABANDON, signal)
    await console.expect([compilePattern(step.until)], seconds(step.within), signal)
    await console.drain(QUIET, QUIET_WITHIN, signal)
    this.#isAtPrompt = this.#recipe.prompt?.pattern === step.until
  }

  async #wait(step: WaitStep, signal: AbortSignal): Promise<void> {
    const found = await this.#await([this.#pattern(step.wait, null), ...(this.#hasSpoken ? [] : this.#closedWords())], step.nudge, seconds(step.within), signal)
    if (found > 0) throw new Closed()
    this.#isAtPrompt = false
  }

  async #secret(step: SecretStep, signal: AbortSignal): Promise<void> {
    const secret = this.#bench.secrets.get(step.secret)
    if (!secret) throw new Fault('recipe.invalid', { file: this.#recipe.id, complaints: `${step.secret}: this secret is missing` })
    await this.#console.expect([compilePattern(step.at)], seconds(step.within), signal)
    await this.#console.settle(QUIET, QUIET_WITHIN, signal) // some print the prompt before they stop echoing
    await this.#console.send({ secret, name: step.secret }, signal)
    await this.#console.enter(signal)
    this.#isAtPrompt = false
  }

  async #run(step: RunStep, signal: AbortSignal): Promise<void> {
    const console = this.#console
    const { clock, entropy } = this.#bench
    const end = clock.monotonic() + seconds(step.within)
    const left = (): Millis => millis(Math.max(0, end - clock.monotonic()))
    const at = step.at ?? this.#recipe.prompt?.pattern
    if (at === undefined) throw new Fault('recipe.invalid', { file: this.#recipe.id, complaints: `${step.run}: no prompt` })
    const mark = markOf(entropy.bytes(8))
    await this.#untilPrompt(step, at, left, signal)
    const line = step.run.replaceAll(/\{([a-zA-Z0-9]{1,32})\}/g, (whole, name: string) => name === 'mark' ? mark.typed : this.#bench.values[name] ?? whole)
    await this.#type(line, at, left, signal)
    if (isErasing(step)) this.#hasErased = true // from here on only the restart can tell
    await console.enter(signal)
    this.#isAtPrompt = false
    const answer = await this.#answer(step, mark, left, signal)
    for (const words of [...this.#recipe.failures ?? [], ...step.refuse ?? []]) {
      const hit = compilePattern(words).exec(answer)
      if (hit) throw new Fault('console.failed', { path: console.path, words: hit[0].slice(0, 80) })
    }
    if (step.expect !== undefined && !this.#pattern(step.expect, mark).test(answer)) throw new Fault('console.failed', { path: console.path, words: answer.trim().slice(0, 80) })
  }

  async #untilPrompt(step: RunStep, at: string, left: () => Millis, signal: AbortSignal): Promise<void> {
    if (this.#isAtPrompt && step.at === undefined) return
    const closed = this.#hasSpoken ? [] : this.#closedWords()
    const refused = (step.refuse ?? []).map(words => compilePattern(words))
    const nudge = step.nudge ?? (step.at === undefined && this.#hasSpoken ? this.#recipe.prompt?.abandon ?? ABANDON : undefined)
    const found = await this.#await([compilePattern(at), ...closed, ...refused], nudge, left(), signal)
    if (found > closed.length) throw new Fault('console.failed', { path: this.#console.path, words: step.refuse?.[found - closed.length - 1] ?? '' })
    if (found > 0) throw new Closed()
  }

  /** Types until the echo is right; a wrong one is given up and the prompt awaited again. */
  async #type(line: string, at: string, left: () => Millis, signal: AbortSignal): Promise<void> {
    const console = this.#console
    for (let i = 0; i < TYPE_TRIES_MAX; i += 1) {
      if (await console.typeLine(line, signal) === 'whole') return
      this.#bench.transcript.add('#', 'the echo was wrong')
      await console.drain(QUIET, QUIET_WITHIN, signal)
      await console.send(this.#recipe.prompt?.abandon ?? ABANDON, signal)
      await this.#await([compilePattern(at)], this.#recipe.prompt?.abandon ?? ABANDON, left(), signal)
      await console.drain(QUIET, QUIET_WITHIN, signal)
    }
    throw new Fault('console.echo-wrong', { path: console.path, tries: TYPE_TRIES_MAX })
  }

  /** What was said until the prompt came back; for a step that leaves, until what is expected, or until the first line. */
  async #answer(step: RunStep, mark: Mark, left: () => Millis, signal: AbortSignal): Promise<string> {
    const console = this.#console
    if (step.leaves) {
      if (step.expect === undefined) return ''
      const found = await console.expect([this.#pattern(step.expect, mark)], left(), signal)
      return found.before + found.text
    }
    const prompts = [compilePattern(step.at === undefined || this.#recipe.prompt === undefined ? step.at ?? this.#recipe.prompt?.pattern ?? '' : this.#recipe.prompt.pattern)]
    const found = await console.expect(prompts, left(), signal)
    this.#isAtPrompt = true
    return found.before
  }

  /** The index of the pattern that came; the nudge is for prompts torn by other messages. */
  async #await(patterns: readonly RegExp[], nudge: string | undefined, within: Millis, signal: AbortSignal): Promise<number> {
    const console = this.#console
    if (nudge === undefined) return (await console.expect(patterns, within, signal)).index
    const share = millis(within / (NUDGES_MAX + 1))
    console.begin()
    for (let i = 0; ; i += 1) {
      const found = await console.look(patterns, share, signal)
      if (found) return found.index
      if (i >= NUDGES_MAX) throw console.missing(within)
      await console.send(nudge, signal)
    }
  }

  #pattern(text: string, mark: Mark | null): RegExp {
    return compilePattern(mark === null ? text : text.replaceAll('{mark}', mark.printed))
  }

  #closedWords(): RegExp[] {
    return (this.#recipe.closed?.words ?? []).map(words => compilePattern(words))
  }
}

/** The console said in its own way that it takes no keys. */
class Closed extends Error {}

function isSpeech(step: Step): boolean {
  return 'interrupt' in step || 'wait' in step || 'run' in step || 'secret' in step
}
