/** The network cards of this computer and what each hears, for whoever has to say which of them is the bench. */
import type { ReactNode } from 'react'
import { FAULTS, type CardView } from '#shared'
import { Age, DASH } from '../../common/age.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'

const LOOK_MS = 3_000

export function Cards(): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('card.list', {}, LOOK_MS)
  const command = useCommand()
  return (
    <div className="cards-of"><Sheet name="card.label" none="card.none" count={value?.length ?? null} faults={[fault, command.fault]} head={['card.name', 'card.address', 'card.state', 'card.hears', 'account.acts']}>
      {value?.map(card => (
        <tr key={card.name}>
          <td><bdi>{card.name}</bdi> <code className="quiet-word">{card.mac}</code></td><td>{card.address ?? DASH}</td>
          <td>{say(card.isBench ? 'card.bench' : card.isOffice ? 'card.office' : 'card.free')} <span className="quiet-word">{say(card.isUp ? 'card.up' : 'card.down')}</span></td>
          <td><Heard card={card} /></td>
          <td className="acts"><CardButton card={card.name} isAsking={command.isAsking} run={command.run} /></td>
        </tr>
      ))}
    </Sheet></div>
  )
}

function CardButton(props: { readonly card: string; readonly isAsking: boolean; readonly run: ReturnType<typeof useCommand>['run'] }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  return <button type="button" disabled={props.isAsking} onClick={() => props.run(door.ask('card.listen', { card: props.card }))}>{say('card.listen')} <span className="unseen">{props.card}</span></button>
}

function Heard(props: { readonly card: CardView }): ReactNode {
  const { say, words } = useSpeech()
  const { heard } = props.card
  if (heard === null) return <span className="quiet-word">{say('card.unheard')}</span>
  return <>{say('card.heard', { units: heard.units, asking: heard.asking })} <span className="quiet-word"><Age since={heard.at} /></span>{heard.fault === null ? null : <> {words(FAULTS[heard.fault.code].title)}</>}</>
}
