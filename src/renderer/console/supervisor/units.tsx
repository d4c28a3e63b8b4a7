/** Any identifier finds the unit; its whole way is then on the same page: stays, attempts, evidence. */
import { useState, type ReactNode } from 'react'
import { FAULTS, type FactView, type UnitId, type UnitView, type ViewFilter } from '#shared'
import { DASH } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { useSpeech } from '../../common/page.tsx'
import { OUTCOME_SHAPE, Shape } from '../../common/shapes.tsx'
import { Sheet } from '../sheet.tsx'
import { useView } from '../use-view.ts'
import { UnitFilterBar } from './unit-filter.tsx'
import { Transcripts, VendorLog } from './vendor-log.tsx'

/** What is newest is looked at again so often. */
const LOOK_MS = 5_000
const UNITS_MAX = 50
const BODY_CHARS_MAX = 300

export function UnitsTab(props: { readonly unit: UnitId | null; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say } = useSpeech()
  const [filter, setFilter] = useState<ViewFilter>({})
  /** The last unit of the page before; null: the first page. */
  const [after, setAfter] = useState<UnitId | null>(null)
  const sought = filter.text?.trim() ?? ''
  const { text: _text, ...rest } = filter
  const { value, fault } = useView('units.find', { limit: UNITS_MAX, ...rest, ...(sought === '' ? {} : { text: sought }), ...(after === null ? {} : { after }) }, LOOK_MS)
  const last = value?.length === UNITS_MAX ? value.at(-1) : undefined
  const narrow = (to: ViewFilter): void => {
    setFilter(to)
    setAfter(null)
  }
  return (
    <>
      <UnitFilterBar filter={filter} onFilter={narrow} />
      <Sheet name="find.units" none="find.none" count={value?.length ?? null} faults={[fault]} head={['unit.name', 'unit.product', 'find.outcome', 'truth.reset', 'truth.asked', 'truth.proven', 'unit.attempt']}>
        {value?.map(unit => <UnitRow key={unit.uid} unit={unit} isChosen={unit.uid === props.unit} onUnit={props.onUnit} />)}
      </Sheet>
      {last === undefined && after === null ? null : (
        <p className="acts">
          <button type="button" disabled={after === null} onClick={() => setAfter(null)}>{say('view.first')}</button>
          <button type="button" disabled={last === undefined} onClick={() => setAfter(last?.uid ?? null)}>{say('view.more')}</button>
        </p>
      )}
      {props.unit === null ? null : <Timeline key={props.unit} unit={props.unit} />}
    </>
  )
}

export function OutcomeCell(props: { readonly unit: Pick<UnitView, 'outcome' | 'grade' | 'stage'> }): ReactNode {
  const { say } = useSpeech()
  const { outcome, grade, stage } = props.unit
  if (outcome === null) return stage === null ? DASH : say(`stage.${stage}`)
  return <span className={`cell-outcome outcome-${outcome}`}><Shape name={OUTCOME_SHAPE[outcome]} /> {say(`outcome.${outcome}`)} {grade}</span>
}

function UnitRow(props: { readonly unit: UnitView; readonly isChosen: boolean; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { words, dateTime } = useSpeech()
  const { unit } = props
  const time = (at: number | null): string => at === null ? DASH : dateTime(at)
  return (
    <tr aria-current={props.isChosen ? 'true' : undefined}>
      <td className="cut"><button type="button" className="link" onClick={() => props.onUnit(unit.uid)}>{unit.name}</button></td>
      <td className="cut"><bdi>{unit.productName === null ? DASH : words(unit.productName)}</bdi></td>
      <td><OutcomeCell unit={unit} /></td>
      <td>{time(unit.resetDoneAt)}</td><td>{time(unit.askedAt)}</td><td>{time(unit.provenAt)}</td>
      <td className="figure">{unit.attempt}</td>
    </tr>
  )
}

/** What was asked for stands at the top, not below the list it was chosen from. */
const toTop = (place: HTMLElement | null): void => place?.firstElementChild?.scrollIntoView({ block: 'start' })

function Timeline(props: { readonly unit: UnitId }): ReactNode {
  const { say, words, dateTime, number } = useSpeech()
  const { value, fault } = useView('unit.timeline', { unit: props.unit }, LOOK_MS)
  if (value === null) return fault === null ? <p className="quiet-word">{say('loading')}</p> : <FaultCard fault={fault} isFull />
  return (
    <div className="timeline" ref={toTop}>
      <Sheet name="time.attempts" none="time.no-attempt" count={value.attempts.length} aside={<span className="quiet-word"><bdi>{value.unit.name}</bdi> {say('scan.stays', { n: value.stays })}</span>} head={['unit.attempt', 'time.opened', 'truth.asked', 'time.closed', 'find.outcome', 'wave.why', 'operator']}>
        {value.attempts.map(a => (
          <tr key={a.job}>
            <td className="figure">{a.attempt}</td><td>{dateTime(a.openedAt)}</td><td>{a.askedAt === null ? DASH : dateTime(a.askedAt)}</td><td>{a.closedAt === null ? DASH : dateTime(a.closedAt)}</td>
            <td><OutcomeCell unit={{ outcome: a.outcome, grade: a.grade, stage: null }} /></td><td className="cut cut-long">{a.fault === null ? DASH : words(FAULTS[a.fault.code].title)}</td><td className="cut"><bdi>{a.operator ?? say('operator.nobody')}</bdi></td>
          </tr>
        ))}
      </Sheet>
      <VendorLog timeline={value} />
      <Transcripts timeline={value} />
      {value.away === 0 ? null : <p className="quiet-word">{say('facts.away', { n: value.away })}</p>}
      <Sheet name="facts.of-unit" none="facts.none" count={value.facts.length} head={['facts.seq', 'facts.at', 'facts.kind', 'facts.body']}>
        {value.facts.map(fact => <FactRow key={`${fact.station ?? ''} ${fact.seq}`} fact={fact} seq={fact.station === undefined ? number(fact.seq) : say('facts.of-before', { n: number(fact.seq) })} at={dateTime(fact.at)} />)}
      </Sheet>
    </div>
  )
}

export function FactRow(props: { readonly fact: FactView; readonly seq: string; readonly at: string }): ReactNode {
  const { fact } = props
  return <tr><td className="figure">{props.seq}</td><td>{props.at}</td><td><code>{fact.kind}</code></td><td className="cut cut-long"><code>{bodyOf(fact)}</code></td></tr>
}

function bodyOf(fact: FactView): string {
  const text = Object.entries(fact.body).filter(([name]) => name !== 'kind').map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('  ')
  return text.length > BODY_CHARS_MAX ? `${text.slice(0, BODY_CHARS_MAX)}\u2026` : text
}
