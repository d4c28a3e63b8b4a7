/**
 * Step 07, stage *resetting*: from the unit as returned to factory state. Reset done is not unbind. A unit on a lane with a
 * console, of a product with a recipe, is reset by it; any other that announces itself activated waits for hands. Either way
 * *reset done* is only said of a unit seen in factory state; a camera cannot be seen on the LAN before it has read a code, so
 * for it the station never claims it.
 */
import { seconds, type JobId, type Readiness } from '#shared'
import type { ConsoleDesk, PlayOrder } from '../bench/console-desk.ts'
import { untilFact, type Ledger } from '../bench/ledger.ts'
import type { ConsoleWish, Job } from '../domain/job.ts'
import type { Catalogue } from '../domain/product.ts'
import type { Clock } from '../ports.ts'

export interface ResetBench { readonly clock: Clock; readonly ledger: Ledger; readonly catalogue: Catalogue; readonly consoles: ConsoleDesk }

/** The longest a healthy unit takes from the restart its console showed to its first announcement. */
const DOUBT_AFTER = seconds(180)
const FACTORY: ReadonlySet<Readiness> = new Set(['ready', 'unconfirmed'])

/** True: it is there already, and the job stands *ready* by one commit instead of three; a token waits for no disk. */
export function foundReset(ledger: Ledger, uid: JobId): boolean {
  const job = ledger.job(uid)
  if (!job || job.stage !== 'queued' || job.method === 'qr' || !isFactory(ledger, job)) return false
  const about = { unit: job.unit, job: uid }
  ledger.commit(tx => {
    tx.append({ ...about, body: { kind: 'job.moved', to: 'resetting' } })
    tx.append({ ...about, body: { kind: 'reset.done', how: 'found-reset' } })
    tx.append({ ...about, body: { kind: 'job.moved', to: 'ready' } })
  })
  return true
}

/** Resolves when the unit was seen in factory state. */
export async function runReset(bench: ResetBench, uid: JobId, signal: AbortSignal): Promise<void> {
  const { ledger } = bench
  const job = ledger.job(uid)
  if (!job || job.resetDoneAt !== null) return
  if (job.method === 'qr') return
  if (isFactory(ledger, job)) {
    ledger.append({ unit: job.unit, job: uid, body: { kind: 'reset.done', how: 'found-reset' } })
    return
  }
  const isByConsole = await playConsole(bench, job, signal)
  // A console is not believed for ever: a unit that still announces itself bound is for hands after all.
  using _doubt = isByConsole ? bench.clock.after(DOUBT_AFTER, () => ledger.append({ unit: job.unit, job: uid, body: { kind: 'recipe.asked', hands: 'press' } })) : null
  await untilFactory(ledger, job, signal)
  ledger.append({ unit: job.unit, job: uid, body: { kind: 'reset.done', how: isByConsole ? 'console' : 'seen' } })
}

/** True: a recipe was verified. False: hands, or the unit itself, must do it. */
async function playConsole({ ledger, catalogue, consoles }: ResetBench, job: Job, signal: AbortSignal): Promise<boolean> {
  const lane = ledger.unit(job.unit)?.lane ?? null
  const recipe = consoles.recipeFor(catalogue.find(job.product)?.recipe, lane)
  if (recipe === null || lane === null) return false
  if (consoles.needsWord(recipe, job.product)) {
    ledger.append({ unit: job.unit, job: job.uid, body: { kind: 'recipe.asked', hands: 'word' } })
    if (!await untilWord(ledger, job, signal)) return false
  }
  const verdict = await consoles.play({
    job: job.uid, unit: job.unit, product: job.product, lane, recipe, ...handsOf(ledger, job),
    untilFactory: own => untilFactory(ledger, job, own)
  }, signal)
  return verdict === 'verified'
}

/** What hands are asked for stays on the screen until the step that waits for it is over. */
function handsOf(ledger: Ledger, job: Job): Pick<PlayOrder, 'hands' | 'onStep'> {
  const ask = (hands: ConsoleWish): void => { ledger.append({ unit: job.unit, job: job.uid, body: { kind: 'recipe.asked', hands } }) }
  let stepsLeft = 0
  return {
    hands: wish => {
      stepsLeft = 2
      ask(wish.kind === 'press' ? 'press' : 'power-cycle')
    },
    onStep: () => {
      if (stepsLeft === 0) return
      stepsLeft -= 1
      if (stepsLeft === 0) ask('busy')
    }
  }
}

/** A lead's word for this unit; false: hands were quicker and the unit is in factory state. */
async function untilWord(ledger: Ledger, job: Job, signal: AbortSignal): Promise<boolean> {
  const { promise: said, resolve: tell } = Promise.withResolvers<boolean>()
  using _listening = ledger.on(facts => {
    if (facts.some(f => f.job === job.uid && f.body.kind === 'recipe.allowed')) tell(true)
    else if (isFactory(ledger, job)) tell(false)
  })
  const stop = (): void => tell(false)
  signal.addEventListener('abort', stop, { once: true })
  const isAllowed = await said
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  return isAllowed
}

async function untilFactory(ledger: Ledger, job: Job, signal: AbortSignal): Promise<void> {
  while (!isFactory(ledger, job)) await untilFact(ledger, fact => fact.unit === job.unit && fact.body.kind === 'unit.judged', signal)
}

function isFactory(ledger: Ledger, job: Job): boolean {
  const readiness = ledger.unit(job.unit)?.readiness
  return readiness != null && FACTORY.has(readiness)
}
