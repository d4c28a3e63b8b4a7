/** The quota: how it burns down, who spent each seat, what can still be done today and what waits, and the ticket that asks for more. */
import { useState, type ReactNode } from 'react'
import type { BenchView, PlanRow, UnitId } from '#shared'
import { DASH } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { PaperButton } from '../paper.tsx'
import { Sheet } from '../sheet.tsx'
import { useView } from '../use-view.ts'
import { BurnPlot, SharePlot } from './plots.tsx'
import { Ticket } from './ticket.tsx'

const LOOK_MS = 10_000
/** Units of a plan that a screen lists; a terminal lists all. */
const ROWS_MAX = 100

export function QuotaTab(props: { readonly bench: BenchView; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say } = useSpeech()
  const [isTicket, setTicket] = useState(false)
  return (
    <>
      <Burn quota={props.bench.quota} />
      <Plan onUnit={props.onUnit} />
      <Lines onUnit={props.onUnit} />
      <p className="acts"><button type="button" aria-expanded={isTicket} onClick={() => setTicket(!isTicket)}>{say('ticket.label')}</button></p>
      {isTicket ? <Ticket quota={props.bench.quota} /> : null}
    </>
  )
}

/** How the seats of each account ran down, and beside it what is left of every limit. */
function Burn(props: Pick<BenchView, 'quota'>): ReactNode {
  const { say, words, time } = useSpeech()
  const { value } = useView('supervisor.figures', {}, LOOK_MS)
  if (value === null) return null
  return (
    <div className="plots">
      {value.burn.map(burn => {
        const spent = burn.spent.at(-1)?.n ?? 0
        return <BurnPlot key={burn.account} title={say('plot.burn', { account: burn.account })} text={say('plot.burn.text', { account: burn.account, spent, cap: burn.cap })} cap={burn.cap} spent={burn.spent} now={value.clock.now} label={time} />
      })}
      <SharePlot title={say('quota.label')} none={say('plot.none')} shares={props.quota.map(q => ({ key: `${q.scope} ${q.key}`, label: words(q.name), n: q.spent + q.reserved, of: q.cap, text: say('quota.left', { left: Math.max(0, q.cap - q.spent - q.reserved) }) }))} />
    </div>
  )
}

function Plan(props: { readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say, dateTime } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('quota.plan', {}, LOOK_MS)
  if (value === null) return fault === null ? <p className="quiet-word">{say('loading')}</p> : <FaultCard fault={fault} isFull />
  const { counts, waves, tokens, daysMin } = value
  const waiting = counts.today + counts.tomorrow + counts.impossible
  const note = <>{waiting === 0 ? null : <><span className="quiet-word">{say('day.counts', { today: counts.today, tomorrow: counts.tomorrow, impossible: counts.impossible })} · {say('day.work', { waves, tokens, days: daysMin })}</span></>} <PaperButton word="paper.picklist" make={() => door.ask('picklist.paper', {})} /></>
  return (
    <Sheet name="day.label" none="day.none" count={waiting} aside={note} head={['day.when', 'unit.name', 'unit.product', 'day.tote', 'account.id', 'day.since']}>
      {value.accounts.filter(a => a.runsOutAt !== null).map(a => <tr key={a.account}><td colSpan={6}>{say('day.runs-out', { account: a.account, left: a.left, time: dateTime(a.runsOutAt ?? 0) })}</td></tr>)}
      <PlanRows rows={value.today} when={say('day.today')} onUnit={props.onUnit} />
      <PlanRows rows={value.tomorrow} when={say('day.tomorrow')} onUnit={props.onUnit} />
      <PlanRows rows={value.impossible} when={say('day.impossible')} onUnit={props.onUnit} />
    </Sheet>
  )
}

function PlanRows(props: { readonly rows: readonly PlanRow[]; readonly when: string; readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { words, dateTime } = useSpeech()
  return props.rows.slice(0, ROWS_MAX).map(row => (
    <tr key={row.unit}><td>{props.when}</td><td className="cut"><button type="button" className="link" onClick={() => props.onUnit(row.unit)}>{row.name}</button></td><td className="cut">{words(row.productName)}</td><td><bdi>{row.tote ?? DASH}</bdi></td><td><bdi>{row.account ?? DASH}</bdi></td><td>{dateTime(row.since)}</td></tr>
  ))
}

function Lines(props: { readonly onUnit: (unit: UnitId) => void }): ReactNode {
  const { say, words, dateTime } = useSpeech()
  const { value, fault } = useView('quota.ledger', {}, LOOK_MS)
  return (
    <Sheet name="seat.label" none="seat.none" count={value?.length ?? null} faults={[fault]} head={['facts.at', 'seat.state', 'account.id', 'unit.product', 'unit.name', 'operator']}>
      {value?.slice(0, ROWS_MAX).map(line => (
        <tr key={`${line.unit} ${line.at}`}>
          <td>{dateTime(line.at)}</td><td>{say(`seat.${line.state}`)}</td><td className="cut"><bdi>{line.account}</bdi></td><td className="cut"><bdi>{words(line.productName)}</bdi></td>
          <td className="cut"><button type="button" className="link" onClick={() => props.onUnit(line.unit)}>{line.name}</button></td><td className="cut"><bdi>{line.operator ?? say('operator.nobody')}</bdi></td>
        </tr>
      ))}
    </Sheet>
  )
}
