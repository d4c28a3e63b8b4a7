/**
 * Step 08 for cameras: one code, up to 30 of them. Every camera's ask is written down before the code is drawn; the code is
 * renewed before it dies, taken away when nothing more will come, and after that results settle.
 */
import { STOP_REASONS, millis, minutes, seconds, type Instant, type JobId, type Millis, type StopReason, type WaveId } from '#shared'
import { untilFact, type Ledger } from '../bench/ledger.ts'
import { Secret, type Log } from '../bench/log.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import type { HeldToken, TokenTill } from '../bench/token-till.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import { CLOUD_AWAY, FIRST_JOIN, hasJoined, RENEW_AT, sourcesOf, type Wave } from '../domain/wave.ts'
import type { Clock } from '../ports.ts'
import { encodePairing } from '../wire/pairing.ts'
import { explainWave } from './lights.ts'
import { chargeGuest, sortGuests, strangersOf } from './wave-guests.ts'

/** A wave in which nothing more happens for this long has been read by all who ever will. */
const QUIET = minutes(2)
/** However often the code is renewed, a wave ends. */
const SHOW_MAX = minutes(15)

export interface WaveBench {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly log: Log
  readonly seats: SeatDesk
  readonly till: TokenTill
  /** Draws the code on the rack display, or takes it away. */
  readonly show: (wave: WaveId, code: Secret<string> | null) => void
  /** Told before the wave stops, so that its jobs end with the reason. */
  readonly onFault: (wave: WaveId, fault: Fault) => void
  readonly settleMs: Millis
  /** Throws while another DHCP server is on the bench: whoever reads the code may have its address from anybody, so nobody is asked. */
  readonly assertAlone: () => void
  /** The cloud does not answer now. */
  readonly isCloudAway: () => boolean
  /** Jobs of cameras that came uninvited. */
  readonly run: (jobs: readonly JobId[]) => void
  /** Tells the access point which network is next. Faults: `wifi.wrong`. */
  readonly prepare: (ssid: string, signal: AbortSignal) => Promise<void>
}
export interface WaveOrder { readonly uid: WaveId; readonly ssid: string; readonly password: Secret<string> }

/** From a planned wave with its jobs in *ready* to a closed one. `stop` is the operator's word. */
export async function runWave(bench: WaveBench, order: WaveOrder, stop: AbortSignal, signal: AbortSignal): Promise<void> {
  const { ledger } = bench
  let reason: StopReason = 'fault'
  try {
    await bench.prepare(order.ssid, signal)
    await allReady(bench, order.uid, signal)
    reason = await showUntilStop(bench, order, stop, signal)
  } catch (thrown) {
    const fault = Fault.from(signal.aborted ? signal.reason : thrown)
    if (fault.code !== 'station.stopped') {
      bench.log.fault('the wave ended by a fault', fault, { wave: order.uid })
      bench.onFault(order.uid, fault)
      ledger.append({ wave: order.uid, body: { kind: 'fault.raised', fault: fault.toView() } })
    }
    if (signal.aborted) throw fault
  } finally {
    bench.show(order.uid, null)
  }
  ledger.append({ wave: order.uid, body: { kind: 'wave.stopped', reason } })
  await settle(bench, order.uid, signal)
  explainWave(ledger, order.uid)
  ledger.append({ wave: order.uid, body: { kind: 'wave.closed' } })
}

/** A wave found after a crash: its code stays dark, its results are still asked for. */
export async function settleWave(bench: WaveBench, wave: Wave, signal: AbortSignal): Promise<void> {
  if (wave.state !== 'settling') bench.ledger.append({ wave: wave.uid, body: { kind: 'wave.stopped', reason: 'fault' } })
  await settle(bench, wave.uid, signal)
  explainWave(bench.ledger, wave.uid)
  bench.ledger.append({ wave: wave.uid, body: { kind: 'wave.closed' } })
}

async function showUntilStop(bench: WaveBench, order: WaveOrder, stop: AbortSignal, signal: AbortSignal): Promise<StopReason> {
  const { clock, ledger } = bench
  let token = await draw(bench, order, signal)
  const started = clock.monotonic() // the code is up
  let progressAt = clock.monotonic()
  let progress = ''
  let away = 0
  let isNextTold = false
  for (;;) {
    await Promise.race([clock.sleep(seconds(1), signal), aborted(stop)])
    if (stop.aborted) return STOP_REASONS.find(r => r === stop.reason) ?? 'operator'
    bench.assertAlone()
    const jobs = ledger.jobsOfWave(order.uid)
    if (jobs.every(j => j.stage === 'closed' || sourcesOf(ledger.unit(j.unit), j.askedAt).hands)) return 'full' // nobody is left before the code
    const now = progressOf(ledger, jobs)
    if (now !== progress) progressAt = clock.monotonic()
    progress = now
    const why = welcome(bench, order.uid, token) ?? trouble(bench, order.uid, clock.monotonic() - started, away)
    if (why !== null) return why
    away = bench.isCloudAway() ? away + 1 : 0
    if (clock.monotonic() - progressAt > QUIET) return 'quiet'
    if (clock.monotonic() - started > SHOW_MAX) return 'expired'
    if (isOld(token, clock.now())) {
      const renewed = await draw(bench, order, signal).catch((thrown: unknown) => { // the code in use is still good for a while
        const fault = Fault.from(thrown)
        if (fault.code === 'relay.next-code' && !isNextTold) ledger.append({ wave: order.uid, body: { kind: 'fault.raised', fault: fault.toView() } })
        isNextTold ||= fault.code === 'relay.next-code'
        return null
      })
      if (renewed) [token, isNextTold] = [renewed, false]
      else if (clock.now() >= token.issued.expiresAt - seconds(20)) return 'expired'
    }
  }
}

/** Strangers that came by the code are written down; one that nobody invited ends the wave. */
function welcome(bench: WaveBench, uid: WaveId, token: HeldToken): StopReason | null {
  const { ledger } = bench
  const wave = waveOf(ledger, uid)
  const { nameless, uninvited } = sortGuests(ledger, wave, strangersOf(ledger, wave))
  for (const unit of nameless) ledger.append({ wave: uid, body: { kind: 'wave.nameless', unit: unit.uid } })
  bench.run(uninvited.map(unit => chargeGuest(bench, unit, wave, token.uid)))
  return uninvited.length > 0 ? 'uninvited' : null
}

/** `away`: looks in a row, a second each, at which the cloud did not answer. */
function trouble(bench: WaveBench, uid: WaveId, shownMs: number, away: number): StopReason | null {
  const wave = waveOf(bench.ledger, uid)
  const isAnybody = (wave.nameless?.length ?? 0) > 0 || bench.ledger.jobsOfWave(uid).some(j => j.askedAt !== null && (j.outcome === 'proven' || hasJoined(bench.ledger.unit(j.unit), j.askedAt)))
  if (!isAnybody && shownMs >= FIRST_JOIN) return 'no-join'
  return seconds(away) >= CLOUD_AWAY ? 'cloud' : null
}

/** Takes a token, writes the asks, then draws: token to pixels in one call. */
async function draw(bench: WaveBench, order: WaveOrder, signal: AbortSignal): Promise<HeldToken> {
  const { ledger } = bench
  const wave = waveOf(ledger, order.uid)
  const open = ledger.jobsOfWave(order.uid).filter(j => j.stage !== 'closed')
  const token = await bench.till.whole({ account: wave.account, product: wave.product, method: 'qr', seats: Math.max(1, open.length) }, signal)
  bench.assertAlone()
  ledger.commit(tx => {
    for (const job of open.filter(j => j.askedAt === null)) {
      const about = { unit: job.unit, job: job.uid, wave: order.uid }
      tx.append({ ...about, body: { kind: 'seat.spent', account: job.account, product: job.product, vendorAt: bench.seats.vendorNow } })
      tx.append({ ...about, body: { kind: 'unbind.asked', token: token.uid } })
    }
    tx.append({ wave: order.uid, body: { kind: 'wave.shown', token: token.uid, expiresAt: token.issued.expiresAt } })
  })
  const text = encodePairing({ ssid: order.ssid, password: order.password.reveal(), token: token.issued.text.reveal() })
  bench.show(order.uid, new Secret(text))
  return token
}

/** Waits until every job of the wave stands ready, or has left the wave. */
async function allReady(bench: WaveBench, wave: WaveId, signal: AbortSignal): Promise<void> {
  const isWaiting = (j: Job): boolean => j.stage === 'queued' || j.stage === 'resetting'
  while (bench.ledger.jobsOfWave(wave).some(isWaiting)) await bench.clock.sleep(millis(200), signal)
}

/** Until every job has its verdict; each has its own deadline once the wave has stopped. */
async function settle(bench: WaveBench, wave: WaveId, signal: AbortSignal): Promise<void> {
  const end = bench.clock.monotonic() + bench.settleMs + minutes(5)
  while (bench.clock.monotonic() < end && bench.ledger.jobsOfWave(wave).some(j => j.stage !== 'closed')) await bench.clock.sleep(seconds(1), signal)
}

/** Changes whenever a camera joins, reports or gets its verdict. */
function progressOf(ledger: Ledger, jobs: readonly Job[]): string {
  return jobs.map((j: Job): string => `${j.stage}${ledger.unit(j.unit)?.evidence.length ?? 0}${ledger.unit(j.unit)?.ip ?? ''}`).join()
}

function isOld(token: HeldToken, now: Instant): boolean {
  const { issuedAt, expiresAt } = token.issued
  return now >= issuedAt + RENEW_AT * (expiresAt - issuedAt)
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) resolve()
  else signal.addEventListener('abort', () => resolve(), { once: true })
  return promise
}

function waveOf(ledger: Ledger, uid: WaveId): Wave {
  const wave = ledger.wave(uid)
  if (!wave) throw new Fault('wave.none')
  return wave
}

/** Stage *ready* of a camera's job: it waits here until the code that asks for it is written down, or its wave has failed. */
export async function untilAsked(ledger: Ledger, uid: JobId, wave: WaveId, faultOf: (wave: WaveId) => Fault | null, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (ledger.job(uid)?.askedAt != null) return
    const state = ledger.wave(wave)?.state
    if (state === undefined || state === 'settling' || state === 'closed') throw faultOf(wave) ?? new Fault('wave.none')
    await untilFact(ledger, fact => (fact.job === uid && fact.body.kind === 'unbind.asked') || (fact.wave === wave && fact.body.kind === 'wave.stopped'), signal)
  }
}
