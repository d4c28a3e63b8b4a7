/** A running exercise over whatever page is open: whose turn it is, the boxes, and what hands can do to them; at the end its result. */
import { useState, type ReactNode } from 'react'
import { BOXES_MAX, type BoxView, type ExerciseView, type Hand } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape, type ShapeName } from '../../common/shapes.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { ScoreCard } from './score.tsx'
import './training.css'

const LOOK_MS = 1000
const PHASE_SHAPE = { clearing: 'proving', preparing: 'found', acting: 'hand', waiting: 'proving' } as const satisfies Record<ExerciseView['phase'], ShapeName>

/** `isWhole`: the page of training shows the last result by itself. */
export function ExerciseStrip(props: { readonly isWhole: boolean }): ReactNode {
  const { value } = useView('training.view', {}, LOOK_MS)
  const [watched, setWatched] = useState(false)
  const { running = null, last = null } = value ?? {}
  if (running !== null && !watched) setWatched(true)
  if (running !== null) return <Running running={running} />
  const fault = value?.exercises.find(e => e.name === last?.name)?.fault
  return last === null || fault === undefined || !watched || props.isWhole ? null : <ScoreCard score={last} fault={fault} onClose={() => setWatched(false)} />
}

function Running(props: { readonly running: ExerciseView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const { name, phase, boxes, hands, second, secondsMax } = props.running
  const isIdle = isAsking || phase === 'clearing' || phase === 'preparing'
  const use = (hand: Hand, box: number | null): void => run(door.ask('training.hand', box === null ? { hand } : { hand, box }))
  return (
    <section className={`panel exercise exercise-${phase}`} aria-label={say('exercise.label')}>
      <header>
        <h2><Shape name={PHASE_SHAPE[phase]} /> {say(`exercise.${name}`)}</h2>
        <p className="exercise-turn" role="status">{say(`phase.${phase}`)}</p>
        <p className="quiet-word">{say('phase.time', { n: second, of: secondsMax })}</p>
        <button type="button" onClick={() => run(door.ask('training.stop', {}))}>{say('training.stop')}</button>
      </header>
      {boxes.slice(0, BOXES_MAX).map(box => <Box key={box.n} box={box} isIdle={isIdle} onHand={hand => use(hand, box.n)} />)}
      {hands.length === 0 ? null : <p className="acts">{hands.map(hand => <button key={hand} type="button" disabled={isIdle} onClick={() => use(hand, null)}>{say(`hand.${hand}`)}</button>)}</p>}
      {fault === null ? null : <FaultCard fault={fault} />}
    </section>
  )
}

function Box(props: { readonly box: BoxView; readonly isIdle: boolean; readonly onHand: (hand: Hand) => void }): ReactNode {
  const { say } = useSpeech()
  const { n, label, mac, isPlugged, isPowered } = props.box
  const hands = props.box.hands.filter(hand => hand !== (isPlugged ? 'plug' : 'unplug') && (hand !== 'power' || !isPowered)) // what cannot be done is not offered
  return (
    <div className="exercise-box">
      <p className="exercise-box-name"><strong>{say('box.n', { n })}</strong> <bdi>{label.startsWith('MAC:') ? '' : label}</bdi> <bdi className="quiet-word">{mac}</bdi></p>
      <p className="quiet-word">{say(isPlugged ? 'box.plugged' : 'box.unplugged')}, {say(isPowered ? 'box.powered' : 'box.unpowered')}</p>
      <p className="acts">{hands.map(hand => <button key={hand} type="button" disabled={props.isIdle} onClick={() => props.onHand(hand)}>{say(`hand.${hand}`)}</button>)}</p>
    </div>
  )
}
