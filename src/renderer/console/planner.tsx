/** Will it read? The wall in a picture, with what is known of panel and cameras, or what somebody types here to find out. */
import { useState, type ReactNode } from 'react'
import { payloadOf, planRack, USUAL_CAMERA, VERSION_MAX, type BenchView, type Optics } from '#shared'
import { useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'

const FIELDS = [['panelInches', 20, 120, 1], ['distanceM', 0.2, 10, 0.1], ['cameraWidth', 160, 7680, 10], ['fovDegrees', 20, 170, 1]] as const satisfies readonly (readonly [keyof Optics, number, number, number])[]
const VERDICT_SHAPE = { will: 'circle-tick', may: 'square-pause', not: 'triangle-bang' } as const
/** Asked of nobody yet: the panel of the sheet's own figures. */
const PANEL_USUAL = 43

export function Planner(props: { readonly bench: BenchView }): ReactNode {
  const { say, percent, number } = useSpeech()
  const { optics, wifi } = props.bench
  const [typed, setTyped] = useState<Partial<Optics>>({})
  const told: Optics = optics.panelInches > 0 ? optics : { ...USUAL_CAMERA, ...optics, panelInches: PANEL_USUAL }
  const known: Optics = { ...told, ...typed }
  const network = wifi.find(w => w.isNext) ?? null
  const version = network === null ? payloadOf('', '').version : network.version
  const plan = version === null ? null : planRack(known, version)
  return (
    <section className="panel planner" aria-label={say('plan.label')}>
      <h2>{say('plan.label')}</h2>
      {optics.panelBy === 'display' && typed.panelInches === undefined ? <p className="quiet-word">{say('plan.by-display')}</p> : null}
      {optics.panelInches === 0 && typed.panelInches === undefined ? <p className="warning">{say('plan.ask-panel')}</p> : null}
      <p className="plan-fields">
        {FIELDS.map(([name, min, max, step]) => (
          <label key={name}>
            <span>{say(`plan.${name}`)}</span>
            <input type="number" min={min} max={max} step={step} value={known[name]} onChange={event => {
              const value = event.target.valueAsNumber
              if (value >= min && value <= max) setTyped({ ...typed, [name]: value })
            }} />
          </label>
        ))}
      </p>
      {plan === null || version === null
        ? <p className="warning">{say('wifi.too-long', { n: network?.bytes ?? 0 })}</p>
        : (
            <>
              <p className={`plan-verdict plan-${plan.verdict}`}><Shape name={VERDICT_SHAPE[plan.verdict]} /> {say(`plan.${plan.verdict}`)} <span className="quiet-word">{say('plan.margin', { margin: percent(plan.margin), reach: number(plan.reachM), version })}</span></p>
              <WallPicture optics={known} reachM={plan.reachM} nearestM={plan.nearestM} />
              {version > VERSION_MAX ? <p className="warning">{say('plan.cost', { version, metres: number(plan.costM) })}</p> : null}
              {plan.nearerM === undefined
                ? null
                : (
                    <ul className="plan-advice">
                      {plan.version === undefined ? null : <li>{say('plan.shorter', { version: plan.version })}</li>}
                      <li>{say('plan.nearer', { metres: number(plan.nearerM) })}</li>
                      {plan.panelInches === undefined ? null : <li>{say('plan.bigger', { inches: plan.panelInches })}</li>}
                    </ul>
                  )}
            </>
          )}
    </section>
  )
}

/** Panel on the left, camera at its distance, the stretch in which it reads between them. */
function WallPicture(props: { readonly optics: Optics; readonly reachM: number; readonly nearestM: number }): ReactNode {
  const { say, number } = useSpeech()
  const { optics, reachM, nearestM } = props
  const far = Math.max(optics.distanceM, reachM) * 1.15
  const x = (metres: number): number => 12 + 276 * metres / far
  return (
    <svg className="wall-picture" viewBox="0 0 300 54" role="img" aria-label={say('plan.margin', { margin: '', reach: number(reachM), version: '' })}>
      <rect x="4" y="6" width="6" height="32" className="wall-panel" />
      <rect x={x(nearestM)} y="18" width={Math.max(0, x(reachM) - x(nearestM))} height="8" className="wall-reach" />
      <path d={`M${x(optics.distanceM)} 10v24`} className="wall-camera" />
      <circle cx={x(optics.distanceM)} cy="22" r="6" className="wall-lens" />
      <text x={x(optics.distanceM)} y="50" textAnchor="middle">{say('plan.metres', { n: number(optics.distanceM) })}</text>
      <text x={x(reachM)} y="14" textAnchor="middle">{say('plan.metres', { n: number(reachM) })}</text>
    </svg>
  )
}
