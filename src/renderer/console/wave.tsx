/** The wave: how many cameras share the code that is up, how they fare, and how long it is still good. */
import { useState, type ReactNode } from 'react'
import type { FaultView, WaveView } from '#shared'
import { Age, Countdown } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'

const FIGURES = ['joined', 'proven', 'failed', 'open'] as const satisfies readonly (keyof WaveView)[]

export function WavePanel(props: { readonly waves: readonly WaveView[] }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [fault, setFault] = useState<FaultView | null>(null)
  const [isAsking, setAsking] = useState(false)
  const newest = props.waves.toSorted((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed') || b.openedAt - a.openedAt)
  const wave = newest[0] ?? null
  const others = newest.filter(w => w.state !== 'closed').length - 1
  const act = (asked: Promise<unknown>): void => {
    setAsking(true)
    setFault(null)
    asked.catch((thrown: unknown) => setFault(asFault(thrown))).finally(() => setAsking(false))
  }
  const isRunning = wave !== null && (wave.state === 'planned' || wave.state === 'showing')
  return (
    <section className="wave" aria-label={say('wave.label')}>
      <h2>
        {say('wave.label')}
        {wave === null ? null : <span className={`wave-state wave-state-${wave.state}`}>{say(wave.stopReason === null ? `wave.state.${wave.state}` : `wave.stop.${wave.stopReason}`)}</span>}
        {others > 0 ? <span className="count">{say('wave.others', { n: others })}</span> : null}
      </h2>
      {fault === null
        ? (wave === null ? <p className="quiet-word">{say('wave.none')}</p> : <WaveFigures wave={wave} />)
        : <FaultCard fault={fault} />}
      <p className="wave-acts">
        {wave !== null && isRunning
          ? <button type="button" disabled={isAsking} onClick={() => act(door.ask('wave.stop', { wave: wave.uid }))}>{say('wave.stop')}</button>
          : <button type="button" disabled={isAsking} onClick={() => act(door.ask('wave.start', {}))}>{say('wave.start')}</button>}
      </p>
    </section>
  )
}

function WaveFigures(props: { readonly wave: WaveView }): ReactNode {
  const { say } = useSpeech()
  const { wave } = props
  return (
    <>
      <p className="wave-line">
        <bdi className="wave-product">{wave.productName}</bdi>
        <span className="wave-time">{wave.state === 'showing' ? <Countdown until={wave.expiresAt} /> : <Age since={wave.openedAt} />}</span>
      </p>
      <dl className="wave-figures">
        <div className="wave-count"><dt>{say('wave.planned')}</dt><dd>{say('wave.of', { n: wave.units.length, of: wave.planned })}</dd></div>
        {FIGURES.map(name => <div key={name} className={`wave-${name}`}><dt>{say(`wave.${name}`)}</dt><dd>{wave[name]}</dd></div>)}
      </dl>
    </>
  )
}
