/** The handlers of settings: what is set and who set it, the cards of this computer, the products, and the checklist that proves the bench. */
import type { CardView, CatalogueView, DoorName, ProfileView, SettingsView, SettingValue } from '#shared'
import type { CardEar } from '../bench/card-ear.ts'
import type { ReadyDesk } from '../bench/ready.ts'
import { Fault } from '../domain/fault.ts'
import type { Handlers } from './gate.ts'
import { CLI, type Actor } from './rights.ts'

const READS = ['settings.view', 'card.list', 'profile.list', 'profile.test', 'ready.view', 'ready.paper'] as const satisfies readonly DoorName[]
const ACTS = ['setting.change', 'card.listen', 'ready.try', 'ready.tell', 'ready.daily', 'ready.sign'] as const satisfies readonly DoorName[]
export type SettingsHandlers = Pick<Handlers, (typeof READS)[number] | (typeof ACTS)[number]>

/** Who changes a setting. `pin` null: the command line, which has the files of the station anyway. */
export interface SettingBy { readonly badge: string; readonly pin: string | undefined | null }
export interface SettingsSources {
  readonly settings: { view(): SettingsView; change(values: Readonly<Record<string, SettingValue | null>>, by: SettingBy): Promise<void> }
  readonly cards: CardEar
  readonly profiles: () => readonly ProfileView[]
  /** What is wrong with the catalogue itself. */
  readonly catalogue: () => CatalogueView
  readonly ready: ReadyDesk
  readonly signal: AbortSignal
}

export function settingsHandlers({ settings, cards, profiles, catalogue, ready, signal }: SettingsSources): SettingsHandlers {
  return {
    'settings.view': () => settings.view(),
    'setting.change': async ({ values, pin }, by): Promise<SettingsView> => {
      await settings.change(values, { badge: nameOf(by), pin: by.host === 'local' ? null : pin })
      return settings.view()
    },
    'card.list': () => cards.list(),
    'card.listen': async ({ card }): Promise<readonly CardView[]> => {
      await cards.listen(card, signal)
      return cards.list()
    },
    'profile.list': () => profiles(),
    'profile.test': () => catalogue(),
    'ready.view': () => ready.view(),
    'ready.paper': ({ how }) => ready.paper(how),
    'ready.try': async ({ step }, by) => {
      await ready.try(step, nameOf(by), signal)
      return ready.view()
    },
    'ready.tell': ({ step, state, found = {} }, by) => {
      ready.tell(step, state, found, nameOf(by))
      return ready.view()
    },
    'ready.daily': async (_params, by) => {
      await ready.daily(nameOf(by), signal)
      return ready.view()
    },
    'ready.sign': (_params, by) => {
      ready.sign('first', nameOf(by))
      return ready.view()
    }
  }
}

/** Of a station that does not run. */
export function settingsRefusals(): SettingsHandlers {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return {
    'settings.view': refuse, 'setting.change': refuse, 'card.list': refuse, 'card.listen': refuse, 'profile.list': refuse, 'profile.test': refuse,
    'ready.view': refuse, 'ready.paper': refuse, 'ready.try': refuse, 'ready.tell': refuse, 'ready.daily': refuse, 'ready.sign': refuse
  }
}

/** The command line is nobody at the bench. */
const nameOf = ({ lead, operator, host }: Actor): string => host === 'local' ? CLI : lead ?? operator ?? 'nobody'
