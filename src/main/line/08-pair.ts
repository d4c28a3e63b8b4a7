/**
 * Step 08, stage *ready*: the token goes to a wired unit. The ask and the spent seat are written down before the first byte
 * leaves the station; after that this job is never asked again, whatever happens.
 */
import { seconds, type FaultView, type JobId, type Millis } from '#shared'
import type { Handover } from '../bench/handover.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import type { HeldToken, TokenTill } from '../bench/token-till.ts'
import { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { Evidence } from '../domain/outcome.ts'
import type { Clock } from '../ports.ts'
import type { Announcement } from '../wire/announcement.ts'

const TOKEN_RETRY = seconds(5)

export interface PairBench { readonly clock: Clock; readonly ledger: Ledger; readonly seats: SeatDesk; readonly till: TokenTill; readonly handover: Handover }

/** `mayAsk` is looked at before the ask is written and before every sending. */
export interface PairTarget {
  readonly announcement: Announcement
  readonly ip: string
  readonly mayAsk: () => boolean
  /** How long after its reset the product still takes a token. */
  readonly pairingMs: Millis
  /** Why no token can be had now; null: one was. */
  readonly onWait: (fault: FaultView | null) => void
}

/** Hex digits of an answer nobody understands that are kept on the unit; the log has all of it. */
const TRANSCRIPT_MAX = 1024

/**
 * False: nothing was asked, because the bench came in the way while the token was fetched. Faults: those of the token desk
 * before the ask; `net.unreachable` when no connection was ever made, so that nothing was asked and the seat may go back.
 */
export async function runPair(bench: PairBench, uid: JobId, target: PairTarget, signal: AbortSignal): Promise<boolean> {
  const { ledger } = bench
  const job = ledger.job(uid)
  if (!job || job.askedAt !== null) return true
  const token = await untilToken(bench, job, target, signal).catch((thrown: unknown) => {
    if (isMoved(thrown)) return null // nothing was asked yet: again, at the new address
    throw thrown
  })
  if (token === null || isMoved(signal.reason)) return false
  const about = { unit: job.unit, job: uid }
  const isAsked = await ledger.soon(tx => {
    if (signal.aborted || !target.mayAsk()) return false
    tx.append({ ...about, body: { kind: 'seat.spent', account: job.account, product: job.product, vendorAt: bench.seats.vendorNow } })
    tx.append({ ...about, body: { kind: 'unbind.asked', token: token.uid } })
    return true
  })
  if (!isAsked) {
    if (!isMoved(signal.reason)) signal.throwIfAborted()
    return false
  }
  try {
    await handOver(bench, job, token, target, signal)
  } catch (thrown) {
    if (!isMoved(thrown)) throw thrown
    ledger.append({ ...about, body: { kind: 'fault.raised', fault: thrown.toView() } }) // another may have the old address by now: it gets no token of ours
  }
  return true
}

function isMoved(thrown: unknown): thrown is Fault {
  return thrown instanceof Fault && thrown.code === 'unit.address-changed'
}

async function handOver(bench: PairBench, job: Job, token: HeldToken, target: PairTarget, signal: AbortSignal): Promise<void> {
  const see = (evidence: Evidence): Promise<unknown> => bench.ledger.soon(tx => tx.append({ unit: job.unit, job: job.uid, body: { kind: 'unit.seen', evidence } }))
  let transport = ''
  let isSent = false
  let isAnswered = false
  for await (const event of bench.handover.deliver(target.announcement, target.ip, token.issued.text, signal, target.mayAsk)) {
    const at = bench.clock.now()
    if (event.kind === 'connecting') transport = event.transport
    if (event.kind === 'sent' && !isSent) await see({ kind: 'token-sent', at, transport })
    if (event.kind === 'sent') isSent = true
    if (event.kind === 'accepted') await see({ kind: 'token-accepted', at, transport })
    if (event.kind === 'rejected') await see({ kind: 'token-rejected', at, transport, text: event.text.slice(0, 80) })
    if (event.kind === 'unknown-answer') await see({ kind: 'unknown-answer', at, transport, transcript: event.transcript.slice(0, TRANSCRIPT_MAX) })
    if (event.kind === 'accepted' || event.kind === 'rejected') isAnswered = true
  }
  if (!isSent && !isAnswered) throw new Fault('net.unreachable', { address: target.ip, port: 6668 })
}

/** Weather of the cloud is waited out inside the stage, but no longer than the unit stays ready; a refusal is final. */
async function untilToken(bench: PairBench, job: Job, { pairingMs, onWait }: PairTarget, signal: AbortSignal): Promise<HeldToken> {
  for (;;) {
    try {
      const token = await bench.till.seat({ account: job.account, product: job.product, method: job.method }, signal)
      onWait(null)
      return token
    } catch (thrown) {
      const fault = Fault.from(thrown)
      if (signal.aborted || fault.row.retry !== 'same-stage') throw fault
      if (bench.clock.now() - (job.resetDoneAt ?? job.stageAt) > pairingMs) throw new Fault('unit.reset-again', {}, fault)
      onWait({ code: 'cloud.unreachable', context: { account: job.account } }) // one word for all its weather, so that it is written once
      await bench.clock.sleep(TOKEN_RETRY, signal)
    }
  }
}
