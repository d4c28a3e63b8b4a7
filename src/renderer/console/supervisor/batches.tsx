/** Deliveries: waves with what became of them, totes with what is left in them; throughput and yield as plots. */
import type { ReactNode } from 'react'
import type { ToteView } from '#shared'
import { DASH } from '../../common/age.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { sayWave } from '../wave.tsx'
import { BarPlot, SharePlot } from './plots.tsx'

const LOOK_MS = 10_000

export function BatchesTab(): ReactNode {
  const { say, words, dateTime } = useSpeech()
  const { value, fault } = useView('batch.list', {}, LOOK_MS)
  const { value: accounts } = useView('account.list', {}, LOOK_MS)
  const regions = [...new Set(accounts?.map(a => a.region) ?? [])].toSorted()
  return (
    <>
      <Plots />
      <Sheet name="batch.waves" none="wave.none" count={value?.waves.length ?? null} faults={[fault]} head={['facts.at', 'unit.product', 'batch.state', 'wave.planned', 'wave.joined', 'wave.proven', 'wave.failed', 'account.id', 'wave.centre']}>
        {value?.waves.map(wave => (
          <tr key={wave.uid}>
            <td>{dateTime(wave.openedAt)}</td><td className="cut"><bdi>{words(wave.productName)}</bdi></td><td>{sayWave(wave, say)}</td>
            <td className="figure">{wave.planned}</td><td className="figure">{wave.joined}</td><td className="figure">{wave.proven}</td><td className="figure">{wave.failed}</td><td className="cut"><bdi>{wave.account}</bdi></td><td><bdi>{wave.centre ?? DASH}</bdi></td>
          </tr>
        ))}
      </Sheet>
      <Sheet name="batch.totes" none="batch.no-tote" count={value?.totes.length ?? null} head={['day.tote', 'day.since', 'find.units', 'wave.proven', 'wave.open', 'board.holds', 'wave.centre']}>
        {value?.totes.map(tote => (
          <tr key={tote.tote}>
            <td className="cut"><bdi>{tote.tote}</bdi></td><td>{dateTime(tote.since)}</td><td className="figure">{tote.units}</td><td className="figure">{tote.proven}</td><td className="figure">{tote.open}</td><td className="figure">{tote.held}</td><td><Centre tote={tote} regions={regions} /></td>
          </tr>
        ))}
      </Sheet>
    </>
  )
}

/** Where a delivery is bound, so that its units are asked for there only. */
function Centre(props: { readonly tote: ToteView; readonly regions: readonly string[] }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const command = useCommand()
  const { tote, centre } = props.tote
  const options = [...new Set([...props.regions, ...centre === null ? [] : [centre]])].toSorted()
  return (
    <select aria-label={`${say('wave.centre')} ${tote}`} value={centre ?? ''} disabled={command.isAsking} onChange={event => command.run(door.ask('batch.centre', { tote, centre: event.target.value === '' ? null : event.target.value }))}>
      <option value="">{DASH}</option>
      {options.map(region => <option key={region} value={region}>{region}</option>)}
    </select>
  )
}

function Plots(): ReactNode {
  const { say, words, time, number, percent } = useSpeech()
  const { value } = useView('supervisor.figures', {}, LOOK_MS)
  if (value === null) return null
  const closed = value.hours.reduce((n, hour) => n + hour.closed, 0)
  const proven = value.hours.reduce((n, hour) => n + hour.proven, 0)
  return (
    <div className="plots">
      <BarPlot title={say('plot.hours')} text={say('plot.hours.text', { closed, proven, hours: value.hours.length })} bars={value.hours.map(hour => ({ label: time(hour.at).slice(0, 2), n: hour.closed, filled: hour.proven }))} />
      <SharePlot title={say('plot.yield')} none={say('plot.none')} shares={value.products.map(p => ({ key: p.product, label: words(p.productName), n: p.proven, of: p.closed, text: say('plot.yield.text', { share: percent(p.closed === 0 ? 0 : p.proven / p.closed), n: number(p.closed) }) }))} />
    </div>
  )
}
