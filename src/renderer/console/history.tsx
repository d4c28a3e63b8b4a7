/** What was: units by any of their names, and the numbered facts behind them, page by page from the newest. */
import { useState, type ReactNode } from 'react'
import { OUTCOMES, type FactView, type Outcome, type UnitId, type UnitView } from '#shared'
import { DASH } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { useSpeech } from '../common/page.tsx'
import { OUTCOME_SHAPE, Shape } from '../common/shapes.tsx'
import { useView } from './use-view.ts'

/** What is newest is looked at again so often; an older page never changes. */
const LOOK_MS = 5_000
const FACTS_A_PAGE = 50
const UNITS_MAX = 50
const BODY_CHARS_MAX = 300
/** As in the door table. */
const SEARCH_CHARS_MAX = 100

export function HistoryPage(props: { readonly unit: UnitId | null; readonly onUnit: (unit: UnitId | null) => void }): ReactNode {
  const { say } = useSpeech()
  return (
    <section className="second second-history" aria-label={say('tab.history')}>
      <Search onUnit={props.onUnit} chosen={props.unit} />
      <Facts key={props.unit ?? ''} unit={props.unit} onUnit={props.onUnit} />
    </section>
  )
}

function Search(props: { readonly chosen: UnitId | null; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say } = useSpeech()
  const [text, setText] = useState('')
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const sought = text.trim()
  const { value, fault } = useView('units.find', { limit: UNITS_MAX, ...(sought === '' ? {} : { text: sought }), ...(outcome === null ? {} : { outcome }) }, LOOK_MS)
  return (
    <>
      <form className="search" role="search" onSubmit={event => event.preventDefault()}>
        <label htmlFor="search">{say('find.label')} <kbd>{say('key.find')}</kbd></label>
        <input id="search" type="search" value={text} maxLength={SEARCH_CHARS_MAX} autoFocus autoComplete="off" spellCheck={false} onChange={event => setText(event.target.value)} />
        <label htmlFor="outcome">{say('find.outcome')}</label>
        <select id="outcome" value={outcome ?? ''} onChange={event => setOutcome(OUTCOMES.find(o => o === event.target.value) ?? null)}>
          <option value="">{say('find.all')}</option>
          {OUTCOMES.map(o => <option key={o} value={o}>{say(`outcome.${o}`)}</option>)}
        </select>
      </form>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      <div className="table-frame" tabIndex={0} role="region" aria-label={say('find.units')}>
        <table>
          <caption>{say('find.units')} <span className="count">{value?.length ?? 0}</span></caption>
          <thead><tr><th scope="col">{say('unit.name')}</th><th scope="col">{say('unit.product')}</th><th scope="col">{say('find.outcome')}</th><th scope="col">{say('truth.reset')}</th><th scope="col">{say('truth.asked')}</th><th scope="col">{say('truth.proven')}</th><th scope="col">{say('unit.attempt')}</th></tr></thead>
          <tbody>{value?.map(unit => <UnitRow key={unit.uid} unit={unit} isChosen={unit.uid === props.chosen} onUnit={props.onUnit} />)}</tbody>
        </table>
      </div>
    </>
  )
}

function UnitRow(props: { readonly unit: UnitView; readonly isChosen: boolean; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say, words, dateTime } = useSpeech()
  const { unit } = props
  const time = (at: number | null): string => at === null ? DASH : dateTime(at)
  return (
    <tr aria-current={props.isChosen ? 'true' : undefined}>
      <td className="cut"><button type="button" className="link" onClick={() => props.onUnit(unit.uid)}>{unit.name}</button></td>
      <td className="cut"><bdi>{unit.productName === null ? DASH : words(unit.productName)}</bdi></td>
      <td className={`cell-outcome outcome-${unit.outcome ?? 'none'}`}>
        {unit.outcome === null ? (unit.stage === null ? DASH : say(`stage.${unit.stage}`)) : <><Shape name={OUTCOME_SHAPE[unit.outcome]} /> {say(`outcome.${unit.outcome}`)} {unit.grade}</>}
      </td>
      <td>{time(unit.resetDoneAt)}</td><td>{time(unit.askedAt)}</td><td>{time(unit.provenAt)}</td>
      <td className="figure">{unit.attempt}</td>
    </tr>
  )
}

function Facts(props: { readonly unit: UnitId | null; readonly onUnit: (unit: UnitId | null) => void }): ReactNode {
  const { say, dateTime, number } = useSpeech()
  /** Keys of the pages gone through, newest page first; null is the newest page itself. */
  const [trail, setTrail] = useState<readonly (number | null)[]>([null])
  const before = trail.at(-1) ?? null
  const { value, fault } = useView('history.list', { limit: FACTS_A_PAGE, ...(props.unit === null ? {} : { unit: props.unit }), ...(before === null ? {} : { beforeSeq: before }) }, before === null ? LOOK_MS : null)
  const oldest = value?.reduce((least, fact) => Math.min(least, fact.seq), Number.MAX_SAFE_INTEGER)
  const hasOlder = value?.length === FACTS_A_PAGE && oldest !== undefined && oldest > 1
  return (
    <>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      <div className="table-frame" tabIndex={0} role="region" aria-label={say('facts.label')}>
        <table>
          <caption>{say(props.unit === null ? 'facts.label' : 'facts.of-unit')}</caption>
          <thead><tr><th scope="col">{say('facts.seq')}</th><th scope="col">{say('facts.at')}</th><th scope="col">{say('facts.kind')}</th><th scope="col">{say('facts.body')}</th></tr></thead>
          <tbody>
            {value?.map(fact => (
              <tr key={fact.seq}><td className="figure">{number(fact.seq)}</td><td>{dateTime(fact.at)}</td><td><code>{fact.kind}</code></td><td className="cut cut-long"><code>{bodyOf(fact)}</code></td></tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="acts">
        <button type="button" disabled={trail.length < 2} onClick={() => setTrail(trail.slice(0, -1))}>{say('facts.newer')}</button>
        <button type="button" disabled={!hasOlder} onClick={() => setTrail([...trail, oldest ?? null])}>{say('facts.older')}</button>
        {props.unit === null ? null : <button type="button" onClick={() => props.onUnit(null)}>{say('facts.all')}</button>}
      </p>
    </>
  )
}

function bodyOf(fact: FactView): string {
  const text = Object.entries(fact.body).filter(([name]) => name !== 'kind').map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('  ')
  return text.length > BODY_CHARS_MAX ? `${text.slice(0, BODY_CHARS_MAX)}\u2026` : text
}
