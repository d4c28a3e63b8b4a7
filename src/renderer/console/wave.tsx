/** The wave: how many cameras share the code that is up, how they fare, and how long it is still good. */
import { useState, type ReactNode } from 'react'
import type { BenchView, FaultView, WaveView } from '#shared'
import { Age, Countdown } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'

const FIGURES = ['joined', 'proven', 'failed', 'open'] as const satisfies readonly (keyof WaveView)[]

/** One act at a time; a refusal stays on the page until the next act. */
export function useAct(): { readonly fault: FaultView | null; readonly isAsking: boolean; readonly act: (asked: Promise<unknown>) => void } {
  const [fault, setFault] = useState<FaultView | null>(null)
  const [isAsking, setAsking] = useState(false)
  const act = (asked: Promise<unknown>): void => {
    setAsking(true)
    setFault(null)
    asked.catch((thrown: unknown) => setFault(asFault(thrown))).finally(() => setAsking(false))
  }
  return { fault, isAsking, act }
}

/** The wave that matters: one that runs on this rack, else the newest. */
export function waveOf(bench: Pick<BenchView, 'waves' | 'rack'>): WaveView | null {
  const here = bench.waves.filter(w => w.rack === bench.rack)
  return here.toSorted((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed') || b.openedAt - a.openedAt)[0] ?? null
}

export function isRunning(wave: WaveView | null): boolean {
  return wave !== null && (wave.state === 'planned' || wave.state === 'showing')
}

export function WavePanel(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, act } = useAct()
  const { bench } = props
  const wave = waveOf(bench)
  const others = bench.waves.filter(w => w.state !== 'closed' && w !== wave).length
  return (
    <section className="wave" aria-label={say('wave.label')}>
      <h2>
        {say('wave.label')}
        {wave === null ? null : <span className={`wave-state wave-state-${wave.state}`}>{sayWave(wave, say)}</span>}
        {others > 0 ? <span className="count">{say('wave.others', { n: others })}</span> : null}
      </h2>
      {fault === null
        ? (wave === null ? <p className="quiet-word">{say('wave.none')}</p> : <WaveFigures wave={wave} />)
        : <FaultCard fault={fault} />}
      <p className="wave-acts">
        {wave !== null && isRunning(wave) ? <button type="button" disabled={isAsking} onClick={() => act(door.ask('wave.stop', { wave: wave.uid }))}>{say('wave.stop')}</button> : null}
        {!isRunning(wave) && bench.waiting > 0
          ? <button type="button" disabled={isAsking} onClick={() => act(door.ask('wave.start', {}))}>{say('wave.start')} <span className="wave-waiting">{say('wave.waiting', { n: bench.waiting })}</span></button>
          : null}
      </p>
    </section>
  )
}

export function sayWave(wave: WaveView, say: ReturnType<typeof useSpeech>['say']): string {
  return say(wave.stopReason === null ? `wave.state.${wave.state}` : `wave.stop.${wave.stopReason}`)
}

export function WaveFigures(props: { readonly wave: WaveView }): ReactNode {
  const { say, words } = useSpeech()
  const { wave } = props
  return (
    <>
      <p className="wave-line">
        <bdi className="wave-product">{words(wave.productName)}</bdi>
        <span className="wave-time">{wave.state === 'showing' ? <Countdown until={wave.expiresAt} /> : <Age since={wave.openedAt} />}</span>
      </p>
      <dl className="wave-figures">
        <div className="wave-count"><dt>{say('wave.planned')}</dt><dd>{wave.planned}</dd></div>
        {FIGURES.map(name => <div key={name} className={`wave-${name}`}><dt>{say(`wave.${name}`)}</dt><dd>{wave[name]}</dd></div>)}
      </dl>
    </>
  )
}
