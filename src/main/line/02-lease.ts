/** Step 02: a lease event to a sighting. An address comes from a block reserved on disk; the end of a lease is no sighting. */
import type { LeaseEvent } from '../bench/dhcp-server.ts'
import type { Sighting } from '../domain/unit.ts'

export function sightLease(event: LeaseEvent): Extract<Sighting, { kind: 'lease' }> | null {
  if (event.kind !== 'bound' && event.kind !== 'renewed') return null
  const fingerprint = [event.vendorClass ?? '', event.requestList.join(',')].join('|')
  return { kind: 'lease', at: event.at, mac: event.mac, ip: event.ip, hostName: event.hostName, fingerprint }
}
