/**
 * A proof at start that what the server's socket says leaves by the bench card and by no other (facts/dhcp.md 3): some marked
 * packets to everybody, on a port where nobody answers, and the cards' own counts before and after. It catches what no setting shows.
 */
import { millis } from '#shared'
import { EVERYBODY } from '../domain/address.ts'
import { Fault } from '../domain/fault.ts'
import type { Clock, Net, UdpSocket } from '../ports.ts'
import type { Log } from './log.ts'

/** More than another card sends by itself meanwhile. */
const PACKETS = 24
const SETTLE_MS = millis(50)
const DISCARD_PORT = 9 // RFC 863
const MARK = new TextEncoder().encode('unbindery self-test')

/** Faults: `net.office-card` {card, reason, other}. A card whose system does not count proves nothing, which is logged. */
export async function testTheWay(ports: { readonly clock: Clock; readonly net: Net }, log: Log, card: string, socket: UdpSocket, signal: AbortSignal): Promise<void> {
  const before = ports.net.sentPackets?.() ?? null
  if (before === null) return
  for (let i = 0; i < PACKETS; i += 1) socket.send(MARK, { address: EVERYBODY, port: DISCARD_PORT })
  await ports.clock.sleep(SETTLE_MS, signal)
  const after = ports.net.sentPackets?.() ?? before
  const sentBy = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  if (sentBy(card) >= PACKETS) return
  const other = [...after.keys()].find(name => name !== card && sentBy(name) >= PACKETS)
  if (other !== undefined) throw new Fault('net.office-card', { card, reason: 'packets leave by another card', other })
  log.warn('the self-test of the bench card proves nothing', { card, sent: PACKETS, counted: sentBy(card) })
}
