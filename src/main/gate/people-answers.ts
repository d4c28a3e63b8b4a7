/** The handlers of people: who is at the bench, who is on record, and the rules of acts that want two badges. No answer holds a PIN. */
import type { DoorName, Role, WifiView } from '#shared'
import type { BadgeDesk } from '../bench/badge-desk.ts'
import type { People } from '../bench/people.ts'
import { Fault } from '../domain/fault.ts'
import type { Handlers } from './gate.ts'
import { CLI, type Actor } from './rights.ts'

const PEOPLE_ROWS = ['operator.enter', 'person.add', 'person.change', 'person.remove'] as const satisfies readonly DoorName[]
type Acts = Pick<Handlers, (typeof PEOPLE_ROWS)[number]>
type Reads = Pick<Handlers, 'person.list'>
export type PeopleHandlers = Acts & Reads

export function peopleHandlers(people: People, badges: BadgeDesk): PeopleHandlers {
  return {
    ...peopleReaders(people),
    'operator.enter': async ({ badge, pin }) => {
      if (pin === undefined) badges.scan(badge)
      else await badges.enter(badge, pin)
      return badges.view()
    },
    'person.add': async entry => {
      await people.add(entry)
      return people.views()
    },
    'person.change': async entry => {
      await people.change(entry)
      return people.views()
    },
    'person.remove': ({ badge }) => {
      people.remove(badge)
      return people.views()
    }
  }
}

export function peopleReaders(people: People): Reads {
  return { 'person.list': () => people.views() }
}

/** Of a station that is not running. */
export function peopleRefusals(): Acts {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'operator.enter': refuse, 'person.add': refuse, 'person.change': refuse, 'person.remove': refuse }
}

/** A network that no camera has joined yet costs a whole wave when it is wrong: who names one by hand is a lead. The network in turn needs nobody. */
export function needsOf(name: DoorName, params: unknown, wifi: () => readonly WifiView[]): Role {
  if (name !== 'wave.start' || typeof params !== 'object' || params === null || !('ssid' in params) || params.ssid === undefined) return 'operator'
  const network = wifi().find(w => w.ssid === params.ssid)
  return network === undefined || network.isNext || network.state === 'joined' ? 'operator' : 'lead' // an unknown one is refused by the act
}

/** A hold is released by two: who works at the bench, and a lead who is somebody else. The command line is one hand of its own. Faults: `person.second-badge`. */
export function twoBadges({ operator, lead }: Actor): { readonly by: string; readonly lead: string } {
  if (lead === CLI) return { by: operator ?? 'nobody', lead }
  if (lead === null || operator === null || operator === lead) throw new Fault('person.second-badge')
  return { by: operator, lead }
}
