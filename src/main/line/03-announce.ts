/**
 * Step 03: an announcement to a sighting. The MAC is the one our own lease knows for the sender's address; a sender without
 * our lease has no MAC here and never becomes a unit.
 */
import type { Heard } from '../bench/listener.ts'
import type { Sighting } from '../domain/unit.ts'
import { assessReadiness } from '../wire/announcement.ts'

export function sightAnnouncement(heard: Heard, macOf: (ip: string) => string | null): Extract<Sighting, { kind: 'announcement' }> {
  const a = heard.announcement
  return {
    kind: 'announcement', at: heard.at, mac: macOf(heard.ip), ip: heard.ip, uuid: a.uuid, gwId: a.gwId, active: a.active,
    productKey: a.productKey, readiness: assessReadiness(a)
  }
}
