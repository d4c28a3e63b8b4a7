/** The result of an exercise: points, what happened, what was expected, what was done, and one thing to do better. */
import type { ReactNode } from 'react'
import { FAULTS, PASS_POINTS, type ActVerdict, type DidView, type FaultCode, type ScoreView } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import { Shape, type ShapeName } from '../../common/shapes.tsx'

const VERDICT_SHAPE = { right: 'circle-tick', wrong: 'triangle-bang', retry: 'square-pause', free: 'dash' } as const satisfies Record<ActVerdict, ShapeName>

export function ScoreCard(props: { readonly score: ScoreView; readonly fault: FaultCode; readonly onClose?: () => void }): ReactNode {
  const { say, words } = useSpeech()
  const { score } = props
  const { title, action } = FAULTS[props.fault]
  return (
    <section className={`panel score ${score.isPassed ? 'score-passed' : 'score-failed'}`} aria-label={say('score.label')}>
      <header>
        <h2>{say(`exercise.${score.name}`)}</h2>
        <p className="score-points">{say('score.points', { n: score.points })}</p>
        {props.onClose === undefined ? null : <button type="button" className="quiet" onClick={props.onClose}>{say('score.close')}</button>}
      </header>
      <p className="score-word" role="status"><Shape name={score.isPassed ? 'circle-tick' : 'square-pause'} /> {score.isPassed ? say('score.passed') : say('score.failed', { n: PASS_POINTS })}</p>
      <dl className="rows">
        <div><dt>{say('score.happened')}</dt><dd>{words(title)}</dd></div>
        <div><dt>{say('score.expected')}</dt><dd>{words(action)}</dd></div>
        <div><dt>{say('score.did')}</dt><dd>{score.did.length === 0 ? say('score.nothing') : <Did did={score.did} />}</dd></div>
        <div><dt>{say('score.better')}</dt><dd className="score-better">{say(`advice.${score.advice}`)}</dd></div>
      </dl>
      <p className="quiet-word small">{say('score.time', { n: score.seconds, of: score.parSeconds })}</p>
    </section>
  )
}

function Did(props: { readonly did: readonly DidView[] }): ReactNode {
  const { say } = useSpeech()
  return (
    <ol className="score-did">
      {props.did.map((d, i) => ({ ...d, key: `${i} ${d.act}` })).map(d => (
        <li key={d.key} className={`did-${d.verdict}`}>
          <Shape name={VERDICT_SHAPE[d.verdict]} /> {d.box === null ? null : <>{say('box.n', { n: d.box })}: </>}{say(`act.${d.act}`)}, <strong>{say(`verdict.${d.verdict}`)}</strong> <span className="quiet-word">{say('score.second', { n: d.second })}</span>
        </li>
      ))}
    </ol>
  )
}
