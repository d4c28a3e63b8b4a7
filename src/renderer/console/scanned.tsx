/** The banner of a unit that was just scanned: whether it is new, a duplicate or a return, and what to do with it now. */
import type { ReactNode } from 'react'
import { FAULTS, type ScanView, type UnitView } from '#shared'
import { Age } from '../common/age.tsx'
import type { Speech } from '../common/language.ts'
import { useSpeech } from '../common/page.tsx'
import { Shape, type ShapeName } from '../common/shapes.tsx'
import { laneName, sayStanding, shelfOf, standingOf } from './lanes.tsx'
import { Truths } from './truths.tsx'

type Next = 'prompt.plug-in' | 'prompt.to-rack' | 'prompt.set-aside' | 'prompt.take-out' | 'prompt.press-reset' | 'prompt.power-cycle' | 'prompt.shelve' | 'prompt.leave-powered' | 'prompt.take-off' | 'prompt.plug-in-again' | 'prompt.wait' | 'prompt.show-code'

/** One thing for the hands: what the unit's own prompt says, else where it belongs. */
export function actionOfScan(unit: UnitView): Next {
  if (unit.hold !== null) return 'prompt.set-aside'
  if (unit.outcome === 'proven') return 'prompt.take-out'
  if (unit.prompt !== 'none' && unit.prompt !== 'wait' && unit.prompt !== 'plug-in-again') return `prompt.${unit.prompt}`
  if (unit.method === 'qr') return 'prompt.to-rack'
  const isSeen = unit.lane !== null || unit.pips.lease === 'on' || unit.pips.announcement === 'on'
  return isSeen ? 'prompt.wait' : 'prompt.plug-in'
}

const SHAPE = { new: 'found', again: 'asked', returned: 'triangle-bang', done: 'circle-tick' } as const satisfies Record<NonNullable<ScanView['note']>, ShapeName>

/** Of a card that was about the unit: where the unit stands now, else what was scanned. */
function wordOf(unit: UnitView, heard: NonNullable<ScanView['heard']>, say: Speech['say']): string {
  const isPlace = heard === 'lane' || heard === 'tote' || heard === 'label' || heard === 'certificate'
  return unit.hold === null && (isPlace || (unit.stage === null && unit.outcome === null)) ? say(`scan.${heard}`) : sayStanding(unit, say)
}

export function Scanned(props: { readonly unit: UnitView; readonly scan: ScanView }): ReactNode {
  const { say, words } = useSpeech()
  const { unit, scan } = props
  const { heard = 'unit', note = 'again' } = scan
  const isUnit = heard === 'unit'
  return (
    <>
      <div className="now-head">
        <Shape name={isUnit ? SHAPE[note] : standingOf(unit).shape} />
        {unit.lane === null ? null : <span className="now-grade">{laneName(unit.lane)}</span>}
        <span className="now-age"><Age since={scan.at} /></span>
      </div>
      <h2 className={isUnit && note === 'new' ? 'now-word' : 'now-word now-word-long'}>{isUnit ? say(`scan.is.${note}`) : wordOf(unit, heard, say)}</h2>
      <p className="now-name"><bdi>{unit.name}</bdi></p>
      <p className="now-product"><bdi>{unit.productName === null ? say('unit.no-product') : words(unit.productName)}</bdi></p>
      <p className="now-why">
        {(unit.stay ?? 1) > 1 ? <>{say('scan.stays', { n: unit.stay ?? 1 })}{' '}</> : null}
        {!isUnit || (unit.stage === null && unit.hold === null) ? null : sayStanding(unit, say)}
        {unit.fault === null ? null : <>: {words(FAULTS[unit.fault.code].title)}</>}
      </p>
      <p className="now-action">{say(actionOfScan(unit), { tote: shelfOf(unit) })}</p>
      <Truths unit={unit} />
    </>
  )
}
