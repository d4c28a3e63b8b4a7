/** Named filters of the history page: everybody's, and those of one person. Kept as facts, like all else. */
import type { SavedView, ViewFilter } from '#shared'
import { Fault } from '../domain/fault.ts'
import type { Ledger } from './ledger.ts'

const VIEWS_MAX = 100

export interface ViewEntry { readonly name: string; readonly isShared: boolean; readonly filter: ViewFilter }

export class SavedViews {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Everybody's and this person's, by name. */
  of(person: string | null): readonly SavedView[] {
    return this.#all().filter(view => view.owner === null || view.owner === person).toSorted((a, b) => a.name.localeCompare(b.name))
  }

  /** The same name of the same owner is replaced. Faults: `door.invalid`. */
  save(person: string | null, { name, isShared, filter }: ViewEntry): SavedView {
    const owner = isShared ? null : person
    const known = this.#all().find(view => view.owner === owner && view.name === name)
    if (known === undefined && this.#all().length >= VIEWS_MAX) throw new Fault('door.invalid', { text: `at most ${VIEWS_MAX} views` })
    const view: SavedView = { id: known?.id ?? this.#ledger.newId(), name, owner, filter }
    this.#ledger.append({ body: { kind: 'view.saved', view } })
    return view
  }

  /** Faults: `door.invalid` for one that is not there, or somebody else's. */
  remove(person: string | null, id: string): void {
    if (!this.of(person).some(view => view.id === id)) throw new Fault('door.invalid', { text: `no view ${id}` })
    this.#ledger.append({ body: { kind: 'view.removed', id } })
  }

  #all(): readonly SavedView[] { return this.#ledger.marks('view', VIEWS_MAX).map(({ mark }) => mark) }
}
