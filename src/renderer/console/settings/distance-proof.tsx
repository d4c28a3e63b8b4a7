/** The distance from the rack display to the cameras: what the planner makes of it, and a person's word that it is so. */
import { useState, type ReactNode } from 'react'
import { payloadOf, planRack, type BenchView } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'

const VERDICT_SHAPE = { will: 'circle-tick', may: 'square-pause', not: 'triangle-bang' } as const
const CM = { min: 20, max: 1000 } as const

export function DistanceProof(props: { readonly bench: BenchView; readonly onEnd: (state: 'done' | 'failed', found: Readonly<Record<string, string | number>>) => void }): ReactNode {
  const { say, number } = useSpeech()
  const { optics, wifi } = props.bench
  const set = Math.round(optics.distanceM * 100)
  const [cm, setCm] = useState(set)
  const network = wifi.find(w => w.isNext) ?? null
  const version = network === null ? payloadOf('', '').version : network.version
  const plan = version === null || optics.panelInches === 0 ? null : planRack({ ...optics, distanceM: cm / 100 }, version)
  const verdict = plan?.verdict ?? 'may'
  return (
    <>
      <p className="acts">
        <label>{say('ready.distance.cm')} <input type="number" min={CM.min} max={CM.max} value={cm} onChange={event => { const typed = event.target.valueAsNumber; if (typed >= CM.min && typed <= CM.max) setCm(typed) }} /></label>
        {plan === null
          ? <span className="quiet-word">{say('plan.ask-panel')}</span>
          : <span className={`plan-${verdict}`}><Shape name={VERDICT_SHAPE[verdict]} /> {say(`plan.${verdict}`)} <span className="quiet-word">{say('ready.distance.reach', { m: number(plan.reachM) })}</span></span>}
      </p>
      {cm === set ? null : <p className="quiet-word">{say('ready.distance.other', { cm: set })}</p>}
      <p className="acts">
        <button type="button" disabled={verdict === 'not' || cm !== set} onClick={() => props.onEnd('done', { cm, verdict })}>{say('ready.distance.measured')}</button>
        <button type="button" onClick={() => props.onEnd('failed', { cm, verdict })}>{say('ready.distance.bad')}</button>
      </p>
    </>
  )
}
