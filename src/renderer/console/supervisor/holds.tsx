/** Units set aside, oldest first, with owner, reason and age; a hold is released by two badges. Beside them, why units fail. */
import { useState, type ReactNode } from 'react'
import { FAULTS, type BenchView, type UnitId, type UnitView } from '#shared'
import { Age, DASH } from '../../common/age.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand, type Command } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { SharePlot } from './plots.tsx'

const LOOK_MS = 5_000
/** As in the door table. */
const REASON_CHARS_MAX = 200

export function HoldsTab(props: { readonly bench: BenchView; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('hold.list', {}, LOOK_MS)
  const command = useCommand()
  return (
    <>
      <Reasons />
      <Sheet name="hold.label" none="hold.none" count={value?.length ?? null} faults={[fault, command.fault]} aside={<span className="quiet-word">{say('hold.two')}</span>} head={['unit.name', 'hold.age', 'hold.owner', 'hold.reason', 'find.outcome', 'day.tote', 'hold.release']}>
        {value?.map(unit => <HoldRow key={unit.uid} unit={unit} command={command} onUnit={props.onUnit} />)}
      </Sheet>
    </>
  )
}

function HoldRow(props: { readonly unit: UnitView; readonly command: Command; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say, words } = useSpeech()
  const { door } = usePage()
  const [reason, setReason] = useState('')
  const { unit, command } = props
  const said = reason.trim()
  return (
    <tr>
      <td className="cut"><button type="button" className="link" onClick={() => props.onUnit(unit.uid)}>{unit.name}</button></td>
      <td><Age since={unit.hold?.at ?? null} /></td><td className="cut"><bdi>{unit.hold?.owner ?? DASH}</bdi></td><td className="cut"><bdi>{unit.hold?.reason ?? DASH}</bdi></td>
      <td className="wraps">{unit.fault === null ? DASH : words(FAULTS[unit.fault.code].title)}</td><td><bdi>{unit.tote ?? DASH}</bdi></td>
      <td className="acts">
        <input aria-label={say('hold.why')} placeholder={say('hold.why')} value={reason} maxLength={REASON_CHARS_MAX} onChange={event => setReason(event.target.value)} />
        <button type="button" disabled={command.isAsking || said === ''} onClick={() => command.run(door.ask('unit.release', { unit: unit.uid, reason: said }), () => setReason(''))}>{say('unit.release')}</button>
      </td>
    </tr>
  )
}

function Reasons(): ReactNode {
  const { say, words, number } = useSpeech()
  const { value } = useView('supervisor.figures', {}, LOOK_MS)
  if (value === null) return null
  const all = value.reasons.reduce((n, r) => n + r.n, 0)
  return (
    <div className="plots">
      <SharePlot title={say('plot.reasons')} none={say('plot.none')} shares={value.reasons.map(r => ({ key: `${r.outcome} ${r.code}`, label: r.code === null ? say(`outcome.${r.outcome}`) : words(FAULTS[r.code].title), n: r.n, of: all, text: number(r.n) }))} />
    </div>
  )
}
