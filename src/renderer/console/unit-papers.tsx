/** The papers of one unit: its certificate, its label on the printer or as a file, and taking a label back. */
import type { ReactNode } from 'react'
import type { UnitView } from '#shared'
import { Age } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { PaperButton } from './paper.tsx'
import { useCommand } from './use-command.ts'

/** `reason`: as typed on the card; a second label and a void label need one. */
export function UnitPapers(props: { readonly unit: UnitView; readonly reason: string }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const { unit: { uid, outcome, label = null } } = props
  if (outcome === null) return null
  const reason = props.reason.trim()
  const why = reason === '' ? {} : { reason }
  const isMute = label !== null && reason === ''
  return (
    <div className="unit-papers">
      <p className="acts">
        <PaperButton word="paper.certificate" isIdle={outcome !== 'proven'} make={() => door.ask('certificate.paper', { unit: uid })} />
        <PaperButton word="paper.label" isIdle={isMute} make={() => door.ask('label.paper', { unit: uid, ...why })} />
        <button type="button" disabled={isAsking || isMute} onClick={() => run(door.ask('label.print', { unit: uid, ...why }))}>{say(label === null ? 'label.print' : 'label.again')}</button>
        {label === null ? null : <button type="button" disabled={isAsking || isMute} onClick={() => run(door.ask('label.void', { unit: uid, reason }))}>{say('label.void')}</button>}
      </p>
      {label === null ? null : <p className="quiet-word"><bdi><code>{label.code}</code></bdi> {say(label.isOn ? 'label.on' : 'label.off')} <Age since={label.at} /></p>}
      {isMute ? <p className="quiet-word">{say('label.why')}</p> : null}
      {label?.fault ? <FaultCard fault={label.fault} /> : null}
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </div>
  )
}
