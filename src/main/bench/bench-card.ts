/** Judges whether a network card may be the bench: a DHCP server on the wrong one would take an office down. */
import { Fault } from '../domain/fault.ts'
import { isOverlapping } from '../domain/address.ts'
import type { Card } from '../ports.ts'

export interface BenchCardSettings { readonly card: string; readonly address: string; readonly prefix: number }

/**
 * The card, or why not: gone, no address, no link, it leads to the office, or another card has the same net.
 * `wasSeen`: it was there before in this run, so it was pulled and not misspelt.
 */
export function assessBenchCard(cards: readonly Card[], settings: BenchCardSettings, wasSeen: boolean): Card | Fault {
  const { card: name, address, prefix } = settings
  const card = cards.find(c => c.name === name)
  if (card === undefined) {
    return wasSeen ? new Fault('net.card-gone', { card: name }) : new Fault('net.card-not-found', { card: name, known: cards.map(c => c.name).join(', ').slice(0, 200) })
  }
  if (card.hasDefaultRoute) return new Fault('net.office-card', { card: name, reason: 'default route' })
  const other = cards.find(c => c.name !== name && c.addresses.some(a => isOverlapping(a, { address, prefix })))
  if (other !== undefined) return new Fault('net.office-card', { card: name, reason: 'same net', other: other.name })
  // Before the address: network programs take it away together with the link.
  if (!card.up || card.hasLink === false) return new Fault('net.no-link', { card: name })
  if (!card.addresses.some(a => a.address === address)) {
    return new Fault('net.card-no-address', { card: name, address, line: `sudo ip address add ${address}/${prefix} dev ${name}` })
  }
  return card
}
