/** One unit, whole: its names, where it stands, the three truths, what went wrong, and the commands that concern it. */
import { useState, type ReactNode } from 'react'
import type { FaultView, UnitView } from '#shared'
import { Age, DASH } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'
import { laneName, sayStanding, standingOf } from './lanes.tsx'
import { Hands } from './hands.tsx'
import { RecipeWord } from './recipe-word.tsx'
import { PipRow, Truths } from './truths.tsx'
import { UnitPapers } from './unit-papers.tsx'

/** As in the door table. */
const REASON_CHARS_MAX = 200
/** A unit that changes its names all the time shows this many. */
const ALIASES_MAX = 20

export function UnitCard(props: { readonly unit: UnitView; readonly onClose: () => void; readonly onHistory: () => void; readonly onWhy: () => void }): ReactNode {
  const { say } = useSpeech()
  const { unit } = props
  return (
    <aside className="unit-card" aria-label={say('unit.label')}>
      <header>
        <h2><bdi>{unit.name}</bdi></h2>
        <button type="button" className="quiet" onClick={props.onClose}>{say('back')} <kbd>{say('key.back')}</kbd></button>
      </header>
      <p className="unit-stage"><Shape name={standingOf(unit).shape} /> <span>{sayStanding(unit, say)}</span> <Age since={unit.closedAt ?? unit.stageAt ?? unit.metAt} /></p>
      <Truths unit={unit} />
      <PipRow pips={unit.pips} />
      {unit.fault === null ? null : <FaultCard fault={unit.fault} since={unit.closedAt ?? unit.stageAt} isFull />}
      <Hands unit={unit} />
      <RecipeWord key={`word ${unit.uid}`} unit={unit} />
      <UnitActs key={unit.uid} unit={unit} />
      <UnitRows unit={unit} />
      <p className="acts">
        <button type="button" onClick={props.onHistory}>{say('unit.history')}</button>
        <button type="button" onClick={props.onWhy}>{say('why.label')}</button>
      </p>
    </aside>
  )
}

function UnitRows(props: { readonly unit: UnitView }): ReactNode {
  const { say, words, dateTime } = useSpeech()
  const { unit } = props
  const rows = [
    ['unit.product', unit.productName === null ? DASH : words(unit.productName)],
    ['unit.method', say(`method.${unit.method}`)],
    ['unit.lane', unit.lane === null ? DASH : laneName(unit.lane)],
    ['unit.address', unit.ip ?? DASH],
    ['unit.readiness', unit.readiness === null ? DASH : say(`readiness.${unit.readiness}`)],
    ['unit.attempt', String(unit.attempt)],
    ['unit.met', dateTime(unit.metAt)],
    ['operator', unit.operator ?? say('operator.nobody')],
    ['unit.identified', say(unit.isIdentified ? 'yes' : 'no')]
  ] as const
  return (
    <dl className="rows">
      {rows.map(([key, value]) => <div key={key}><dt>{say(key)}</dt><dd><bdi>{value}</bdi></dd></div>)}
      {unit.heardAt === null ? null : <div><dt>{say('unit.heard')}</dt><dd><Age since={unit.heardAt} /></dd></div>}
      {unit.aliases.slice(0, ALIASES_MAX).map(alias => (
        <div key={`${alias.kind} ${alias.value}`}><dt>{say(`alias.${alias.kind}`)}</dt><dd><bdi><code>{alias.value}</code></bdi></dd></div>
      ))}
      {unit.hold === null ? null : <div><dt>{say('unit.on-hold')}</dt><dd><bdi>{unit.hold.owner}</bdi> <bdi>{unit.hold.reason}</bdi> <Age since={unit.hold.at} /></dd></div>}
    </dl>
  )
}

function UnitActs(props: { readonly unit: UnitView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { unit } = props
  const [reason, setReason] = useState('')
  const [fault, setFault] = useState<FaultView | null>(null)
  const act = (asked: Promise<unknown>): void => {
    setFault(null)
    asked.then(() => setReason(''), (thrown: unknown) => setFault(asFault(thrown)))
  }
  const isSaid = reason.trim() !== ''
  return (
    <div className="unit-acts">
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      <label htmlFor="reason">{say('unit.reason')}</label>
      <input id="reason" value={reason} maxLength={REASON_CHARS_MAX} autoComplete="off" onChange={event => setReason(event.target.value)} />
      <p className="acts">
        {unit.hold === null
          ? <button type="button" disabled={!isSaid} onClick={() => act(door.ask('unit.hold', { unit: unit.uid, reason: reason.trim() }))}>{say('unit.hold')}</button>
          : <button type="button" disabled={!isSaid} onClick={() => act(door.ask('unit.release', { unit: unit.uid, reason: reason.trim() }))}>{say('unit.release')}</button>}
        <button type="button" disabled={unit.outcome === null || unit.outcome === 'proven' || unit.hold !== null} onClick={() => act(door.ask('unit.again', { unit: unit.uid }))}>{say('unit.again')}</button>
      </p>
      <UnitPapers unit={unit} reason={reason} />
    </div>
  )
}
