/**
 * The big board (`display.html?board`): throughput, holds and quota for the whole room, no code. Letters are at least 1/200 of
 * five metres high on a 43 inch panel, so there are few of them.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { FAULTS, type BenchView } from '#shared'
import { useIsSilent } from '../common/age.tsx'
import { BenchLive, useLive } from '../common/live.ts'
import { LineNotice, TrainingFrame, TrainingWord, useLine, usePage, useSpeech } from '../common/page.tsx'
import { Shape, type ShapeName } from '../common/shapes.tsx'

/** Figures older than this are no longer shown as the state of the room. */
const OLD_MS = 30_000
const HOLDS_MS = 5000

/** `isDemo`: the page asks for the demonstration of training; a live station refuses, and the board is what it always is. */
export function Board(props: { readonly live: BenchLive; readonly isDemo: boolean }): ReactNode {
  const { say } = useSpeech()
  const line = useLine()
  const { bench, heardAt } = useLive(props.live)
  const isOld = useIsSilent(heardAt, OLD_MS)
  const { door } = usePage()
  const mode = bench?.mode
  const { isDemo } = props
  useEffect(() => { if (isDemo && mode === 'training') door.ask('training.demo', { isOn: true }).catch(() => undefined) }, [door, isDemo, mode]) // refused while somebody practises
  if (bench === null || isOld) return <main className="board board-empty"><p>{say(line === 'open' ? 'display.silent' : `line.${line}`)}</p></main>
  return (
    <main className="board">
      <Tiles bench={bench} />
      <BoardWave bench={bench} />
      <Alarm bench={bench} />
      <div className="board-notice"><LineNotice /></div>
      <TrainingFrame mode={bench.mode} />
    </main>
  )
}

function Tiles(props: { readonly bench: BenchView }): ReactNode {
  const { say, number, percent } = useSpeech()
  const { shift, units, quota } = props.bench
  const holds = useHolds() ?? units.filter(u => u.hold !== null).length
  const left = quota.filter(q => q.scope === 'account').reduce((sum, q) => sum + Math.max(0, q.cap - q.spent - q.reserved), 0)
  const tiles: readonly (readonly [ShapeName, string, string, boolean])[] = [
    ['circle-tick', say('shift.units'), number(shift.released), false],
    ['proving', say('shift.per-hour'), number(Math.round(shift.perHour)), false],
    ['ready', say('shift.first-pass'), shift.closed === 0 ? '–' : percent(shift.firstPass), false],
    ['hand', say('board.holds'), number(holds), holds > 0],
    ['queue', say('board.quota'), number(left), left === 0]
  ]
  return (
    <dl className="board-tiles">
      {tiles.map(([shape, name, value, isLoud]) => (
        <div key={name} className={isLoud ? 'board-tile board-loud' : 'board-tile'}><dt>{name}</dt><dd><Shape name={shape} /> {value}</dd></div>
      ))}
    </dl>
  )
}

/** All that are open, wherever the units are; null: not told yet. */
function useHolds(): number | null {
  const { door } = usePage()
  const line = useLine()
  const [holds, setHolds] = useState<number | null>(null)
  useEffect(() => {
    if (line !== 'open') return undefined
    const look = (): void => { door.ask('hold.list', {}).then(list => setHolds(list.length)).catch(() => setHolds(null)) }
    look()
    const timer = setInterval(look, HOLDS_MS)
    return () => clearInterval(timer)
  }, [door, line])
  return holds
}

function BoardWave(props: { readonly bench: BenchView }): ReactNode {
  const { say, words } = useSpeech()
  const { bench } = props
  const wave = bench.waves.find(w => w.state !== 'closed') ?? null
  return (
    <p className="board-line">
      <TrainingWord mode={bench.mode} />
      <span>{wave === null ? bench.rack : <><bdi>{words(wave.productName)}</bdi> · {say('wave.of', { n: wave.proven, of: wave.planned })} {say('wave.proven')}</>}</span>
    </p>
  )
}

/** The one thing that is wrong now. */
function Alarm(props: { readonly bench: BenchView }): ReactNode {
  const { words, say } = useSpeech()
  const lamp = props.bench.lamps.find(l => l.state === 'bad' && l.fault !== null) ?? null
  return lamp?.fault == null
    ? <p className="board-line board-quiet"><Shape name="circle-tick" /> {say('lamps.well')}</p>
    : <p className="board-line board-loud" role="status"><Shape name="triangle-bang" /> {words(FAULTS[lamp.fault.code].title)}</p>
}
