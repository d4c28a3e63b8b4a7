/** Keeping: the backups there are, one more now, and whether the history is whole. */
import { useState, type ReactNode } from 'react'
import type { VerifiedView } from '#shared'
import { Age } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { Changes } from './changes.tsx'

const LOOK_MS = 5_000
const ROWS_MAX = 30

export function KeepingPage(): ReactNode {
  const { say, number, dateTime } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('backup.list', {}, LOOK_MS)
  const { fault: refused, isAsking, run } = useCommand()
  const [made, setMade] = useState<string | null>(null)
  const [whole, setWhole] = useState<VerifiedView | null>(null)
  const rows = value?.toSorted((a, b) => b.at - a.at).slice(0, ROWS_MAX)
  return (
    <>
      <div className="panel keeping">
        <h2>{say('set.keeping')}</h2>
        <p className="acts">
          <button type="button" disabled={isAsking} onClick={() => run(door.ask('backup.now', {}).then(backup => setMade(backup.name)))}>{say('keeping.now')}</button>
          <button type="button" disabled={isAsking} onClick={() => { setWhole(null); run(door.ask('ledger.verify', {}).then(setWhole)) }}>{say('keeping.check')}</button>
          {made === null ? null : <span role="status"><Shape name="circle-tick" /> {say('keeping.made')} <bdi><code>{made}</code></bdi></span>}
          {whole === null ? null : <span role="status" className={whole.broken.length === 0 ? 'check-good' : 'check-bad'}><Shape name={whole.broken.length === 0 ? 'circle-tick' : 'triangle-bang'} /> {say(whole.broken.length === 0 ? 'keeping.whole' : 'keeping.broken', { n: number(whole.facts) })}</span>}
        </p>
        {refused === null ? null : <FaultCard fault={refused} isFull />}
      </div>
      <Sheet name="keeping.backups" none="keeping.none" count={value?.length ?? null} faults={[fault]} head={['keeping.name', 'facts.at', 'keeping.age']}>
        {rows?.map(b => <tr key={b.name}><td><code>{b.name}</code></td><td>{dateTime(b.at)}</td><td><Age since={b.at} /></td></tr>)}
      </Sheet>
      <Changes of={['backup.now']} />
    </>
  )
}
