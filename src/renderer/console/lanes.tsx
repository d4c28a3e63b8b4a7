/** LANES: one tile a lane, in the order of the bench. Each says which unit is there, where it stands, and what hands must do. */
import { memo, type CSSProperties, type ReactNode } from 'react'
import { PROMPTS, type Prompt, type UnitId, type UnitView } from '#shared'
import { Age, STALE_MS, useIsOlder } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import type { Speech } from '../common/language.ts'
import { useSpeech } from '../common/page.tsx'
import { OUTCOME_SHAPE, Shape, STAGE_SHAPE, type ShapeName } from '../common/shapes.tsx'
import { PipRow, Truths } from './truths.tsx'

/** P01 to P48 are printed; a screen of many racks may show more. */
const LANES_MAX = 256
/** Attempts of one stay (domain/job.ts). */
const TRIES = 2
export const laneName = (lane: number): string => `P${String(lane).padStart(2, '0')}`

/** With so many side by side the tiles are small, and say less. */
const SMALL_FROM = 8

/** Tiles side by side, so that the tiles stay wider than high. */
function columnsOf(lanes: number): number {
  if (lanes <= 4) return Math.max(1, Math.min(lanes, 4))
  if (lanes <= 16) return 4
  return lanes <= 24 ? 6 : lanes <= 48 ? 8 : 16
}

/** Row by row; a lane the layout forgot comes after it, so that none is ever hidden. */
function placesOf(lanes: number, layout: readonly (readonly number[])[]): { readonly columns: number; readonly places: readonly number[] } {
  const columns = Math.max(0, ...layout.map(row => row.length))
  const all = Array.from({ length: lanes }, (_, i) => i + 1)
  if (columns === 0) return { columns: columnsOf(lanes), places: all }
  const placed = layout.flatMap(row => [...row, ...Array.from({ length: columns - row.length }, () => 0)]).map(lane => lane <= lanes ? lane : 0)
  return { columns, places: [...placed, ...all.filter(lane => !placed.includes(lane))] }
}

export function Lanes(props: { readonly lanes: number; readonly layout: readonly (readonly number[])[]; readonly units: readonly UnitView[]; readonly onChoose: (unit: UnitId) => void; readonly onWhy: (lane: number) => void }): ReactNode {
  const { say } = useSpeech()
  const count = Math.min(LANES_MAX, props.lanes)
  const byLane = new Map<number, UnitView>()
  for (const unit of props.units) {
    const there = unit.lane === null ? undefined : byLane.get(unit.lane)
    if (unit.lane !== null && (there === undefined || there.metAt <= unit.metAt)) byLane.set(unit.lane, unit)
  }
  const { columns, places } = placesOf(count, props.layout)
  return (
    <ol className={`lanes${columns >= SMALL_FROM ? ' lanes-small' : ''}`} style={{ '--columns': columns } as CSSProperties /* a property of our own */} aria-label={say('lanes.label')}>
      {Array.from(places.entries(), ([place, lane]) => {
        if (lane === 0) return <li key={`gap ${place}`} aria-hidden="true" />
        const unit = byLane.get(lane)
        return unit === undefined ? <EmptyLane key={lane} lane={lane} onWhy={props.onWhy} /> : <LaneTile key={lane} lane={lane} unit={unit} onChoose={props.onChoose} onWhy={props.onWhy} />
      })}
    </ol>
  )
}

const EmptyLane = memo((props: { readonly lane: number; readonly onWhy: (lane: number) => void }): ReactNode => {
  const { say } = useSpeech()
  return (
    <li className="tile tile-empty">
      <p className="tile-head"><span className="tile-lane">{laneName(props.lane)}</span></p>
      <p className="tile-free">{say('lane.empty')} <button type="button" className="quiet" aria-label={`${laneName(props.lane)}: ${say('why.label')}`} onClick={() => props.onWhy(props.lane)}>{say('why.ask')}</button></p>
    </li>
  )
})

const LaneTile = memo((props: { readonly lane: number; readonly unit: UnitView; readonly onChoose: (unit: UnitId) => void; readonly onWhy: (lane: number) => void }): ReactNode => {
  const { say, words } = useSpeech()
  const { unit, lane } = props
  const isStale = useIsOlder(unit.heardAt ?? unit.metAt, STALE_MS) && unit.outcome === null
  const standing = standingOf(unit)
  return (
    <li className={`tile tile-${unit.outcome ?? (isUrgent(unit) ? 'hands' : 'busy')}${isStale ? ' tile-stale' : ''}${unit.fault === null ? '' : ' tile-fault'}`}>
      <div className="tile-head">
        <span className="tile-lane">{laneName(lane)}</span>
        <button type="button" className="tile-name" onClick={() => props.onChoose(unit.uid)}><bdi>{unit.name}</bdi></button>
        {unit.attempt > 0 ? <span className={unit.attempt > 1 ? 'tile-attempt tile-attempt-more' : 'tile-attempt'} aria-label={say('attempt', { n: unit.attempt })}>{say('attempt.of', { n: unit.attempt, of: TRIES })}</span> : null}
      </div>
      <p className="tile-product"><bdi>{unit.productName === null ? say('unit.no-product') : words(unit.productName)}</bdi></p>
      <p className="tile-stage">
        <Shape name={standing.shape} /> <span className="tile-word">{sayStanding(unit, say)}</span>
        <Age since={unit.closedAt ?? unit.stageAt ?? unit.metAt} />
      </p>
      <div className="tile-act">
        {unit.fault === null || CLOUD_AWAY.has(unit.prompt) ? <TilePrompt unit={unit} /> : <FaultCard fault={unit.fault} />}
      </div>
      {unit.isIdentified || unit.outcome === null ? null : <p className="tile-unheard">{say('unit.unidentified')}</p>}
      {isStale ? <p className="tile-unheard">{say(silenceOf(unit))} <Age since={unit.heardAt ?? unit.metAt} /> <button type="button" className="quiet" aria-label={`${laneName(lane)}: ${say('why.label')}`} onClick={() => props.onWhy(lane)}>{say('why.ask')}</button></p> : null}
      <Truths unit={unit} isShort />
      <PipRow pips={unit.pips} />
    </li>
  )
})

/** The cloud's lamp says what is wrong; the lane says what hands can do meanwhile. */
const CLOUD_AWAY: ReadonlySet<Prompt> = new Set(['leave-powered', 'take-off'])

/** The tote it was put into, else the next one at hand. */
export function shelfOf(unit: UnitView): string {
  return unit.tote == null ? 'TT' : `TT:${unit.tote}`
}

function TilePrompt(props: { readonly unit: UnitView }): ReactNode {
  const { say } = useSpeech()
  const { prompt } = props.unit
  if (prompt === 'none') return null
  return <p className={isUrgent(props.unit) ? 'tile-prompt' : 'tile-wait'}>{say(`prompt.${prompt}`, { tote: shelfOf(props.unit) })}</p>
}

/** Which of the two kinds of silence it is: it has yet to say its first word, or has said its last. */
function silenceOf(unit: UnitView): 'unit.never-announced' | 'unit.unheard' {
  return unit.method === 'wired' && unit.pips.announcement === 'off' ? 'unit.never-announced' : 'unit.unheard'
}

/** Hands are asked for; waiting and nothing are not. */
export function isUrgent(unit: UnitView): boolean {
  return PROMPTS.indexOf(unit.prompt) > 0 && unit.prompt !== 'wait'
}

type Early = 'unit.unseen' | 'unit.no-link' | 'unit.booting' | 'unit.found'

/** Where a unit without a job stands, from what is seen of it. */
function earlyOf(unit: UnitView): Early {
  if (unit.pips.announcement === 'on') return 'unit.found'
  if (unit.pips.link === 'on' || unit.pips.lease === 'on') return 'unit.booting'
  return unit.pips.link === 'unknown' ? 'unit.unseen' : 'unit.no-link'
}

const EARLY_SHAPE = { 'unit.unseen': 'plug', 'unit.no-link': 'plug', 'unit.booting': 'power', 'unit.found': 'found' } as const satisfies Record<Early, ShapeName>

export function standingOf(unit: UnitView): { readonly shape: ShapeName } {
  if (unit.hold !== null) return { shape: 'hand' }
  if (unit.outcome !== null) return { shape: OUTCOME_SHAPE[unit.outcome] }
  return { shape: unit.stage === null ? EARLY_SHAPE[earlyOf(unit)] : STAGE_SHAPE[unit.stage] }
}

export function sayStanding(unit: UnitView, say: Speech['say']): string {
  if (unit.hold !== null) return say('unit.on-hold')
  if (unit.outcome !== null) return unit.grade === null ? say(`outcome.${unit.outcome}`) : `${say(`outcome.${unit.outcome}`)} ${unit.grade}`
  return unit.stage === null ? say(earlyOf(unit)) : say(`stage.${unit.stage}`)
}
