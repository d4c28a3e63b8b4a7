/** Why is it not listed? What the station looked at for a lane or a unit, live, the likeliest cause on top with what to do about it. */
import { useEffect, type ReactNode } from 'react'
import { WHY_CHECKS, type UnitId, type WhyCheck } from '#shared'
import { DASH } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'
import { laneName } from './lanes.tsx'
import { useView } from './use-view.ts'

/** What was seen is looked at again while somebody reads it. */
const LOOK_MS = 2000
const STATE_SHAPE = { ok: 'circle-tick', bad: 'triangle-bang', unknown: 'ring' } as const

export type WhyQuestion = { readonly lane: number } | { readonly unit: UnitId }

export function WhyPanel(props: { readonly question: WhyQuestion; readonly onClose: () => void }): ReactNode {
  const { say } = useSpeech()
  const { question, onClose } = props
  const { value, fault } = useView('unit.why', question, LOOK_MS)
  useEffect(() => {
    const down = (event: KeyboardEvent): void => { if (event.key === 'Escape') onClose() }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  }, [onClose])
  const cause = value?.checks[0]
  return (
    <aside className="unit-card why" aria-label={say('why.label')}>
      <header>
        <h2>{say('why.label')}</h2>
        <button type="button" className="quiet" onClick={onClose}>{say('back')} <kbd>{say('key.back')}</kbd></button>
      </header>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {value === null ? <p className="quiet-word">{say('loading')}</p> : <p className="quiet-word"><bdi>{[value.lane === null ? null : laneName(value.lane), value.name, value.mac, value.ip].filter(x => x !== null).join(' ') || DASH}</bdi></p>}
      {cause?.state === 'bad' && cause.fault ? <FaultCard fault={cause.fault} isFull /> : null}
      <ul className="why-checks">{value?.checks.map(check => <Check key={check.name} check={check} />)}</ul>
    </aside>
  )
}

function Check(props: { readonly check: WhyCheck }): ReactNode {
  const { say, words } = useSpeech()
  const { name, state, seen } = props.check
  return (
    <li className={`why-${state}`}>
      <Shape name={STATE_SHAPE[state]} /> <span>{words(WHY_CHECKS[name])}</span> <span className="quiet-word">{say(`why.state.${state}`)}</span>
      {Object.keys(seen).length === 0 ? null : <code><bdi>{Object.entries(seen).map(([key, value]) => `${key} ${value}`).join(', ')}</bdi></code>}
    </li>
  )
}
