/** Units that stand on no lane: cameras before the rack display, and boxes that were scanned and not yet plugged in. */
import { memo, type ReactNode } from 'react'
import type { UnitId, UnitView } from '#shared'
import { Age, STALE_MS, useIsOlder } from '../common/age.tsx'
import { useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'
import { sayStanding, standingOf } from './lanes.tsx'

/** More chips than this help nobody; the figure in the heading tells the rest. */
const CHIPS_MAX = 120

export function LooseUnits(props: { readonly units: readonly UnitView[]; readonly lanes: number; readonly onChoose: (unit: UnitId) => void }): ReactNode {
  const { say } = useSpeech()
  const loose = props.units.filter(u => u.lane === null || u.lane > props.lanes).toSorted((a, b) => rankOf(a) - rankOf(b))
  return (
    <section className="loose" aria-label={say('loose.label')}>
      <h2>{say('loose.label')} <span className="count">{loose.length}</span></h2>
      {loose.length === 0
        ? <p className="quiet-word">{say('loose.none')}</p>
        : <ul className="chips">{loose.slice(0, CHIPS_MAX).map(unit => <Chip key={unit.uid} unit={unit} onChoose={props.onChoose} />)}</ul>}
    </section>
  )
}

/** What needs hands first: failed, then under way, then proven. */
function rankOf(unit: UnitView): number {
  if (unit.outcome === null) return 1
  return unit.outcome === 'proven' ? 2 : 0
}

const Chip = memo((props: { readonly unit: UnitView; readonly onChoose: (unit: UnitId) => void }): ReactNode => {
  const { say } = useSpeech()
  const { unit } = props
  const isStale = useIsOlder(unit.heardAt ?? unit.metAt, STALE_MS) && unit.outcome === null
  return (
    <li>
      <button type="button" className={`chip chip-${unit.outcome ?? 'busy'}${isStale ? ' tile-stale' : ''}`} onClick={() => props.onChoose(unit.uid)}>
        <Shape name={standingOf(unit).shape} />
        <bdi className="chip-name">{unit.name}</bdi>
        <span className="chip-word">{sayStanding(unit, say)}</span>
        {unit.isIdentified || unit.outcome === null ? null : <span className="chip-word">{say('unit.unidentified')}</span>}
        {unit.closedAt === null ? <Age since={unit.stageAt ?? unit.metAt} /> : null}
      </button>
    </li>
  )
})
