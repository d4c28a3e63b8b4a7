/** What the list of units is narrowed to, and the views that were saved of it: everybody's, and one's own. */
import { useId, useState, type ReactNode } from 'react'
import { FAULTS, OUTCOMES, type FaultCode, type SavedView, type ViewFilter } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import type { TextKey } from '../../common/text.ts'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'

/** As in the door table. */
const CHARS_MAX = 64
const SEARCH_CHARS_MAX = 100
const NAME_CHARS_MAX = 60
const DAYS_MAX = 3650
/** Reasons a verdict can have, by their words. */
const REASONS = Object.keys(FAULTS).filter(code => /^(unit|cloud|quota|token|job|result|wave|product|account)\./.test(code)) as readonly FaultCode[] // the keys of the table
const NAMED = [['product', 'unit.product'], ['account', 'account.id'], ['operator', 'operator']] as const satisfies readonly (readonly [keyof ViewFilter, TextKey])[]

export function UnitFilterBar(props: { readonly filter: ViewFilter; readonly onFilter: (filter: ViewFilter) => void }): ReactNode {
  const { say, words } = useSpeech()
  const { filter, onFilter } = props
  const set = (name: keyof ViewFilter) => (event: { readonly target: { readonly value: string } }): void => {
    const { [name]: _before, ...others } = filter
    const left: ViewFilter = others
    const { from: _from, to: _to, ...undated } = left
    const rest = name === 'days' ? undated : left // either so many days back, or from and to
    const text = event.target.value
    const value = name === 'days' ? Math.min(DAYS_MAX, Math.floor(Number(text))) : name === 'text' ? text : text.trim()
    onFilter(value === '' || value === 0 || Number.isNaN(value) ? rest : { ...rest, [name]: value })
  }
  return (
    <>
      <form className="unit-filter" role="search" onSubmit={event => event.preventDefault()}>
        <label>{say('find.label')}<input id="search" type="search" value={filter.text ?? ''} maxLength={SEARCH_CHARS_MAX} autoFocus autoComplete="off" spellCheck={false} onChange={set('text')} /></label>
        <label>{say('find.outcome')}
          <select id="outcome" value={filter.outcome ?? ''} onChange={set('outcome')}>
            <option value="">{say('find.all')}</option>
            {OUTCOMES.map(o => <option key={o} value={o}>{say(`outcome.${o}`)}</option>)}
          </select>
        </label>
        <label>{say('view.reason')}
          <select id="reason" value={filter.reason ?? ''} onChange={set('reason')}>
            <option value="">{say('find.all')}</option>
            {REASONS.map(code => <option key={code} value={code}>{words(FAULTS[code].title)}</option>)}
          </select>
        </label>
        {NAMED.map(([name, word]) => <label key={name}>{say(word)}<input value={filter[name] ?? ''} maxLength={CHARS_MAX} autoComplete="off" spellCheck={false} onChange={set(name)} /></label>)}
        <Days filter={filter} onFilter={onFilter} />
        <label>{say('view.days')}<input type="number" min={1} max={DAYS_MAX} value={filter.days ?? ''} onChange={set('days')} /></label>
      </form>
      <SavedViews filter={filter} onFilter={onFilter} />
    </>
  )
}

/** Days of this computer's own calendar, both included. */
function Days(props: { readonly filter: ViewFilter; readonly onFilter: (filter: ViewFilter) => void }): ReactNode {
  const { say } = useSpeech()
  const { from, to, days: _days, ...rest } = props.filter
  const [first, last] = [from === undefined ? '' : dayOf(from), to === undefined ? '' : dayOf(to - 1)]
  const set = (fromDay: string, toDay: string): void => props.onFilter({ ...rest, ...(fromDay === '' ? {} : { from: startOf(fromDay, 0) }), ...(toDay === '' ? {} : { to: startOf(toDay, 1) }) })
  return (
    <>
      <label>{say('view.from')}<input type="date" max={last} value={first} onChange={event => set(event.target.value, last)} /></label>
      <label>{say('view.to')}<input type="date" min={first} value={last} onChange={event => set(first, event.target.value)} /></label>
    </>
  )
}

/** As a date field has it. */
function dayOf(at: number): string {
  const day = new Date(at)
  return [String(day.getFullYear()).padStart(4, '0'), ...[day.getMonth() + 1, day.getDate()].map(n => String(n).padStart(2, '0'))].join('-')
}

/** The first moment of a day, `later` days on. A year that is still being typed is an old one, not a wrong one. */
function startOf(text: string, later: number): number {
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number)
  return Math.max(1, new Date(year, month - 1, day + later).getTime())
}

function SavedViews(props: { readonly filter: ViewFilter; readonly onFilter: (filter: ViewFilter) => void }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('views.list', {}, null)
  const [told, setTold] = useState<readonly SavedView[] | null>(null)
  const command = useCommand()
  const [name, setName] = useState('')
  const [isShared, setShared] = useState(false)
  const id = useId()
  const views = told ?? value ?? []
  const chosen = views.find(view => JSON.stringify(view.filter) === JSON.stringify(props.filter))
  const title = (view: SavedView): string => view.owner === null ? say('view.shared', { name: view.name }) : view.name
  return (
    <form className="search saved-views" onSubmit={event => {
      event.preventDefault()
      command.run(door.ask('views.save', { name: name.trim(), isShared, filter: props.filter }).then(setTold), () => setName(''))
    }}>
      <label htmlFor={id}>{say('view.saved')}</label>
      <select id={id} value={chosen?.id ?? ''} onChange={event => props.onFilter(views.find(view => view.id === event.target.value)?.filter ?? {})}>
        <option value="">{say(views.length === 0 ? 'view.none' : 'view.choose')}</option>
        {views.map(view => <option key={view.id} value={view.id}>{title(view)}</option>)}
      </select>
      {chosen === undefined ? null : <button type="button" disabled={command.isAsking} onClick={() => command.run(door.ask('views.remove', { id: chosen.id }).then(setTold))}>{say('view.remove')}</button>}
      <label>{say('view.name')} <input value={name} maxLength={NAME_CHARS_MAX} autoComplete="off" onChange={event => setName(event.target.value)} /></label>
      <label><input type="checkbox" checked={isShared} onChange={event => setShared(event.target.checked)} /> {say('view.for-all')}</label>
      <button type="submit" disabled={command.isAsking || name.trim() === '' || Object.keys(props.filter).length === 0}>{say('view.save')}</button>
      {fault === null ? null : <FaultCard fault={fault} />}
      {command.fault === null ? null : <FaultCard fault={command.fault} />}
    </form>
  )
}
