/** The page of training: its exercises, the last result, what this badge has shown, and the demonstration for visitors. */
import type { ReactNode } from 'react'
import { EXERCISES, exercisesPassed, FAULTS, isCompetent, type BenchView, type TrainingView } from '#shared'
import { DASH } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { PaperButton } from '../paper.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { ScoreCard } from './score.tsx'
import './training.css'

const LOOK_MS = 1000

export function TrainingPage(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('training.view', {}, LOOK_MS)
  const lastFault = value?.exercises.find(e => e.name === value.last?.name)?.fault
  return (
    <section className="second second-training" aria-label={say('tab.training')}>
      <p className="quiet-word">{say('training.rule')}</p>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {value === null ? null : <Exercises view={value} />}
      <div className="training-side">
        {value?.last == null || lastFault === undefined || value.running !== null ? null : <ScoreCard score={value.last} fault={lastFault} />}
        {value === null ? null : <Shown view={value} badge={props.bench.operator} />}
        {value === null ? null : <Demonstration isOn={value.isDemo} isIdle={value.running !== null} />}
      </div>
    </section>
  )
}

function Exercises(props: { readonly view: TrainingView }): ReactNode {
  const { say, words, number } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const { exercises, running, competence } = props.view
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('training.label')}>
      <table>
        <caption>{say('training.label')}</caption>
        <thead><tr><th scope="col">{say('training.exercise')}</th><th scope="col">{say('training.fault')}</th><th scope="col">{say('training.best')}</th><th scope="col">{say('account.acts')}</th></tr></thead>
        <tbody>
          {exercises.map(({ name, fault: code }) => {
            const score = competence.find(c => c.course === name)?.score
            return (
              <tr key={name}>
                <th scope="row">{say(`exercise.${name}`)}<br /><code className="quiet-word">{`EX:${name.toUpperCase()}`}</code></th><td className="training-fault">{words(FAULTS[code].title)}</td>
                <td>{score === undefined ? DASH : <><Shape name="circle-tick" /> {number(score)}</>}</td>
                <td><button type="button" disabled={isAsking || running !== null} onClick={() => run(door.ask('training.exercise', { exercise: name }))}>{say('training.begin')}</button></td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </div>
  )
}

function Shown(props: { readonly view: TrainingView; readonly badge: string | null }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { badge, view: { competence } } = props
  const n = exercisesPassed(competence)
  return (
    <div className="panel">
      <h2>{say('training.paper')}</h2>
      <p><bdi>{badge ?? say('operator.nobody')}</bdi>: {isCompetent(competence) ? <strong><Shape name="circle-tick" /> {say('training.all')}</strong> : say('training.some', { n, of: EXERCISES.length })}</p>
      {badge === null ? null : <PaperButton word="training.paper" isIdle={n === 0} make={() => door.ask('competence.paper', { badge })} />}
    </div>
  )
}

function Demonstration(props: { readonly isOn: boolean; readonly isIdle: boolean }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  return (
    <div className="panel">
      <h2>{say('training.demo')}</h2>
      <p className="quiet-word">{say('training.demo.rule')}</p>
      <p className="acts">
        <button type="button" disabled={isAsking || props.isIdle} aria-pressed={props.isOn} onClick={() => run(door.ask('training.demo', { isOn: !props.isOn }))}>{say(props.isOn ? 'training.demo.off' : 'training.demo.on')}</button>
        <a className="paper-link" href={`display.html?board${window.location.hash}`} target="_blank" rel="noreferrer">{say('training.board')}</a>
      </p>
      {fault === null ? null : <FaultCard fault={fault} />}
    </div>
  )
}
