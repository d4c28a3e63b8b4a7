/**
 * Who came by a wave's code: its own cameras, cameras that could be any of those whose scan does not tie, and cameras nobody
 * invited. The last have used a seat all the same, so each gets a job of its own in the wave, already asked.
 */
import { isTied, type JobId, type TokenId } from '#shared'
import type { Ledger } from '../bench/ledger.ts'
import type { SeatDesk } from '../bench/seat-desk.ts'
import type { Unit } from '../domain/unit.ts'
import { hasJoined, type Wave } from '../domain/wave.ts'

/** Cameras of no open job that came onto the network since the first show, and are not in this wave. */
export function strangersOf(ledger: Ledger, wave: Wave): Unit[] {
  const since = wave.shownAt
  if (since === null) return []
  const ours = new Set([...ledger.jobsOfWave(wave.uid).map(j => j.unit), ...wave.nameless ?? []])
  return ledger.unitsHere().filter(u => {
    const job = ledger.job(u.job)
    return u.method === 'qr' && !ours.has(u.uid) && (job === null || job.stage === 'closed') && hasJoined(u, since)
  })
}

export interface Guests { readonly nameless: readonly Unit[]; readonly uninvited: readonly Unit[] }

/** A stranger of the wave's product may be one of its cameras, as long as not all of those have come. */
export function sortGuests(ledger: Ledger, wave: Wave, strangers: readonly Unit[]): Guests {
  const untied = wave.units.filter(uid => {
    const unit = ledger.unit(uid)
    return unit !== null && !isTied(unit)
  })
  let room = untied.length - (wave.nameless?.length ?? 0)
  const isOurs = (u: Unit): boolean => (u.product === null || u.product === wave.product) && u.scannedAt === null && room-- > 0
  const nameless = strangers.filter(isOurs)
  return { nameless, uninvited: strangers.filter(u => !nameless.includes(u)) }
}

/** A job for a camera that has read the code uninvited: its seat is spent and it is asked, all at once. */
export function chargeGuest(desk: { readonly ledger: Ledger; readonly seats: SeatDesk }, unit: Unit, wave: Wave, token: TokenId): JobId {
  const { ledger, seats } = desk
  const job = ledger.newId() as JobId // made here and in step 05
  const { account } = wave
  const product = unit.product ?? wave.product
  const about = { unit: unit.uid, job, wave: wave.uid }
  ledger.commit(tx => {
    tx.append({ ...about, body: { kind: 'job.opened', attempt: unit.attemptsThisStay + 1, method: 'qr', account, product, wave: wave.uid } })
    tx.append({ ...about, body: { kind: 'seat.reserved', account, product, vendorAt: seats.vendorNow } })
    tx.append({ ...about, body: { kind: 'seat.spent', account, product, vendorAt: seats.vendorNow } })
    tx.append({ ...about, body: { kind: 'unbind.asked', token } })
    tx.append({ ...about, body: { kind: 'fault.raised', fault: { code: 'wave.uninvited', context: { wave: wave.uid } } } })
  })
  return job
}
