/** Where history goes: each destination with what it still owes, a test, sending again from a fact on, and what was refused for good. */
import { useState, type ReactNode } from 'react'
import { FAULTS, type SyncView } from '#shared'
import { Age, DASH } from '../../common/age.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand, type Command } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { Changes } from './changes.tsx'

const LOOK_MS = 5_000
const ROWS_MAX = 30

export function SendingPage(): ReactNode {
  const { say, words, number, dateTime } = useSpeech()
  const { value, fault } = useView('status', {}, LOOK_MS)
  const aside = useView('sync.aside', {}, LOOK_MS)
  const command = useCommand()
  const [tested, setTested] = useState<SyncView | null>(null)
  return (
    <div className="sending">
      <Sheet name="set.sending" none="sending.none" count={value?.sync.length ?? null} faults={[fault, command.fault]} head={['sending.to', 'sending.acked', 'sending.owed', 'sending.oldest', 'sending.state', 'account.acts']}>
        {value?.sync.map(sync => <Destination key={sync.destination} sync={sync} command={command} onTested={setTested} />)}
      </Sheet>
      {tested === null ? null : <p role="status" className={tested.fault === null ? 'check-good' : 'check-bad'}><Shape name={tested.fault === null ? 'circle-tick' : 'triangle-bang'} /> <bdi>{tested.destination}</bdi>: {tested.fault === null ? say('sending.took') : words(FAULTS[tested.fault.code].title)}</p>}
      <Sheet name="sending.aside" none="sending.no-aside" count={aside.value?.length ?? null} faults={[aside.fault]} head={['sending.to', 'facts.seq', 'facts.at', 'facts.kind', 'wave.why']}>
        {aside.value?.slice(0, ROWS_MAX).map(a => <tr key={`${a.destination} ${a.seq}`}><td><bdi>{a.destination}</bdi></td><td className="figure">{number(a.seq)}</td><td>{dateTime(a.at)}</td><td><code>{a.kind}</code></td><td>{words(FAULTS[a.fault.code].title)}</td></tr>)}
      </Sheet>
      <Changes of={['sync.test', 'sync.replay']} />
    </div>
  )
}

function Destination(props: { readonly sync: SyncView; readonly command: Command; readonly onTested: (sync: SyncView) => void }): ReactNode {
  const { say, words, number } = useSpeech()
  const { door } = usePage()
  const [from, setFrom] = useState('')
  const { sync: { destination, acked, last, oldestUnsentAt, fault }, command: { isAsking, run } } = props
  const seq = Number(from)
  const isSeq = Number.isSafeInteger(seq) && seq >= 1 && seq <= last
  return (
    <tr>
      <td className="cut"><bdi>{destination}</bdi></td><td className="figure">{number(acked)}</td><td className="figure">{number(last - acked)}</td><td>{oldestUnsentAt === null ? DASH : <Age since={oldestUnsentAt} />}</td>
      <td>{fault === null ? <><Shape name="circle-tick" /> {say('sending.well')}</> : <><Shape name="triangle-bang" /> {words(FAULTS[fault.code].title)}</>}</td>
      <td className="acts">
        <button type="button" disabled={isAsking} onClick={() => run(door.ask('sync.test', { destination }).then(props.onTested))}>{say('account.test')}</button>
        <label>{say('sending.from')} <input inputMode="numeric" size={8} maxLength={12} value={from} onChange={event => setFrom(event.target.value)} /></label>
        <button type="button" disabled={isAsking || !isSeq} onClick={() => run(door.ask('sync.replay', { destination, from: seq }), () => setFrom(''))}>{say('sending.again')}</button>
      </td>
    </tr>
  )
}
