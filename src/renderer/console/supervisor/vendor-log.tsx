/** What the vendor's own log says of a unit, beside our facts; asked for when somebody wants to see it. What was said on its console. */
import type { ReactNode } from 'react'
import type { TimelineView } from '#shared'
import { usePage, useSpeech } from '../../common/page.tsx'
import type { TextKey } from '../../common/text.ts'
import { Sheet } from '../sheet.tsx'
import { useCommand } from '../use-command.ts'

/** Numbers of the vendor's tables that we know (facts/tuya.md 7.3). */
const EVENTS: Readonly<Record<number, TextKey>> = { 1: 'vendor.online', 2: 'vendor.offline', 3: 'vendor.activated', 4: 'vendor.reset', 6: 'vendor.firmware', 9: 'vendor.restart' }
const SOURCES: Readonly<Record<number, TextKey>> = { 1: 'vendor.by-device', 2: 'vendor.by-app', 3: 'vendor.by-other', 4: 'vendor.by-cloud' }

export function VendorLog(props: { readonly timeline: TimelineView }): ReactNode {
  const { say, dateTime } = useSpeech()
  const { door } = usePage()
  const command = useCommand()
  const { unit, vendor } = props.timeline
  const word = (table: Readonly<Record<number, TextKey>>, number: number): string => table[number] === undefined ? say('vendor.other', { n: number }) : say(table[number])
  const ask = <button type="button" disabled={command.isAsking} onClick={() => command.run(door.ask('unit.vendor-log', { unit: unit.uid }))}>{say(command.isAsking ? 'loading' : 'vendor.ask')}</button>
  return (
    <Sheet name="vendor.log" none="vendor.none" count={vendor.length} faults={[command.fault]} aside={ask} head={['facts.at', 'facts.kind', 'vendor.by', 'facts.body']}>
      {vendor.map(row => (
        <tr key={`${row.at} ${row.event} ${row.code} ${row.value}`}><td>{dateTime(row.at)}</td><td>{word(EVENTS, row.event)}</td><td>{word(SOURCES, row.from)}</td><td className="cut cut-long"><bdi>{[row.code, row.value].filter(text => text !== '').join(' = ')}</bdi></td></tr>
      ))}
    </Sheet>
  )
}

export function Transcripts(props: { readonly timeline: TimelineView }): ReactNode {
  const { say, dateTime } = useSpeech()
  return props.timeline.transcripts.map(run => (
    <details key={run.at} className="transcript"><summary>{say('transcript.of', { recipe: run.recipe, at: dateTime(run.at) })}</summary><pre tabIndex={0}>{run.text}</pre></details>
  ))
}
