/**
 * A program's first hundred packets take it ten times as long as the next ones, and the first rack of the day would wait for
 * that. So while the bench is probed, the whole path from bytes to bytes is walked with clients that do not exist and a pool
 * of its own: nothing of it is sent, counted or written.
 */
import { millis } from '#shared'
import { LeaseEngine } from '../domain/lease.ts'
import type { LeaseTerms } from '../domain/lease-pool.ts'
import type { Clock } from '../ports.ts'
import { readQuestion, type ReplyForm } from '../wire/dhcp-exchange.ts'
import { MESSAGE, OPTION } from '../wire/dhcp-options.ts'
import { addressBytes, clientPacket, decode, encode, sizeMaxOf, type DhcpPacket } from '../wire/dhcp.ts'

/** Measured: with 600 exchanges the first storm of 250 is as fast as the fifth. */
const EXCHANGES = 600
const CLIENTS = 64
/** Between two packets that do come; short enough not to hold one up. */
const AT_ONCE = 4
const REST_MS = millis(2)

export async function rehearse(terms: LeaseTerms, form: ReplyForm, clock: Clock, signal: AbortSignal): Promise<void> {
  const engine = new LeaseEngine(terms)
  for (let i = 0; i < EXCHANGES; i += 1) {
    const mac = `02:00:00:00:00:${(i % CLIENTS).toString(16).padStart(2, '0')}`
    const offer = walk(engine, form, clock, encode(clientPacket({ type: MESSAGE.discover, mac, xid: i, options: ASKED })))
    if (offer !== null) {
      const wish = new Map([...ASKED, [OPTION.requestedAddress, addressBytes(offer.yiaddr)], [OPTION.serverId, addressBytes(terms.address)]])
      walk(engine, form, clock, encode(clientPacket({ type: MESSAGE.request, mac, xid: i, options: wish })))
    }
    if (i % AT_ONCE === 0) await clock.sleep(REST_MS, signal)
  }
}

const ASKED = new Map([
  [OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router, OPTION.dns, OPTION.leaseTime)], [OPTION.hostName, new TextEncoder().encode('rehearsal')],
  [OPTION.clientId, Uint8Array.of(1, 2, 3, 4, 5, 6, 7)]
])

function walk(engine: LeaseEngine, form: ReplyForm, clock: Clock, bytes: Uint8Array): DhcpPacket | null {
  const packet = decode(bytes)
  const question = readQuestion(packet)
  if (typeof question === 'string') return null
  let answer = engine.answer(question, clock.monotonic())
  if (answer.kind === 'reserve') {
    engine.pool.written(engine.pool.takeRecords())
    engine.pool.open(answer.blocks, clock.monotonic())
    answer = engine.answer(question, clock.monotonic())
  }
  engine.takeChanges()
  if (answer.kind === 'silent' || answer.kind === 'reserve') return null
  return decode(encode(form.build(packet, answer), sizeMaxOf(packet)))
}
