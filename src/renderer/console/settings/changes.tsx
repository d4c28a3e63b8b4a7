/** Who changed what and when, for one page of the settings: the acts that needed a lead or an admin, newest first. */
import type { ReactNode } from 'react'
import type { DoorName } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import { Sheet } from '../sheet.tsx'
import { useView } from '../use-view.ts'

const LOOK_MS = 5_000
const FACTS_MAX = 200
const ROWS_MAX = 8

export function Changes(props: { readonly of: readonly DoorName[] }): ReactNode {
  const { dateTime } = useSpeech()
  const { value, fault } = useView('history.list', { kind: 'act.led', limit: FACTS_MAX }, LOOK_MS)
  const rows = value?.filter(f => props.of.some(name => name === f.body['act'])).slice(0, ROWS_MAX) ?? null
  return (
    <Sheet name="set.changes" none="set.no-change" count={rows?.length ?? null} faults={[fault]} head={['facts.at', 'set.what', 'set.who']}>
      {rows?.map(f => <tr key={f.seq}><td>{dateTime(f.at)}</td><td><code>{String(f.body['act'])}</code></td><td><bdi>{String(f.body['lead'])}</bdi></td></tr>)}
    </Sheet>
  )
}

/** What only the configuration file changes, by its name there. */
export function OfConfig(props: { readonly names: readonly string[] }): ReactNode {
  const { say } = useSpeech()
  return <p className="quiet-word">{say('set.of-config')} {props.names.map(name => <code key={name}>{name} </code>)}</p>
}
