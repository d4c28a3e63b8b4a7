/** Results nobody has claimed: linked to a unit by its name, or dismissed with a reason. */
import { useState, type ReactNode } from 'react'
import type { FaultView, UnmatchedView } from '#shared'
import { DASH } from '../../common/age.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand, type Command } from '../use-command.ts'
import { useView } from '../use-view.ts'

const LOOK_MS = 5_000
const ROWS_MAX = 100
/** As in the door table. */
const REASON_CHARS_MAX = 200

export function UnmatchedTab(): ReactNode {
  const { value, fault } = useView('unmatched.list', {}, LOOK_MS)
  const command = useCommand()
  return (
    <Sheet name="unmatched.label" none="unmatched.none" count={value?.length ?? null} faults={[fault, command.fault]} head={['facts.at', 'account.id', 'unmatched.said', 'unmatched.names', 'unmatched.reason']}>
      {value?.slice(0, ROWS_MAX).map(result => <UnmatchedRow key={result.result} result={result} command={command} />)}
    </Sheet>
  )
}

/** The same field says both: whose it is, or why it is nobody's. */
function UnmatchedRow(props: { readonly result: UnmatchedView; readonly command: Command }): ReactNode {
  const { say, dateTime } = useSpeech()
  const { door } = usePage()
  const [text, setText] = useState('')
  const { result, command } = props
  const said = text.trim()
  const link = async (): Promise<void> => {
    const units = await door.ask('units.find', { text: said, limit: 2 })
    const [unit] = units
    if (!unit || units.length > 1) throw { code: 'unit.unknown', context: { text: said } } satisfies FaultView // a fault is data on this side of the door
    await door.ask('unmatched.link', { result: result.result, unit: unit.uid })
  }
  return (
    <tr>
      <td>{dateTime(result.at)}</td><td><bdi>{result.account ?? DASH}</bdi></td>
      <td>{say(result.ok ? 'unmatched.released' : 'unmatched.refused')} <bdi><code>{result.code ?? ''}</code></bdi></td>
      <td className="cut"><bdi>{result.uuid ?? result.deviceId ?? DASH}</bdi></td>
      <td className="acts">
        <input aria-label={say('unmatched.reason')} value={text} maxLength={REASON_CHARS_MAX} onChange={event => setText(event.target.value)} />
        <button type="button" disabled={command.isAsking || said === ''} onClick={() => command.run(link())}>{say('unmatched.link')}</button>
        <button type="button" disabled={command.isAsking || said === ''} onClick={() => command.run(door.ask('unmatched.dismiss', { result: result.result, reason: said }))}>{say('unmatched.dismiss')}</button>
      </td>
    </tr>
  )
}
