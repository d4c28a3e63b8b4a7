/** What went wrong, and the one thing to do about it. The words come from the catalogue of faults, never from the wire. */
import type { ReactNode } from 'react'
import { FAULTS, type FaultView } from '#shared'
import { Age } from './age.tsx'
import { Grants } from './grants.tsx'
import { useSpeech } from './page.tsx'
import { Shape } from './shapes.tsx'

/** A fault may carry more; a card shows this much. */
const CONTEXT_MAX = 5
const VALUE_CHARS_MAX = 80
/** A line to type is shown whole: cut off it would do something else. */
const LINE_CHARS_MAX = 500
const LINES: ReadonlySet<string> = new Set(['type', 'line', 'complaints', 'first way', 'second way'])

export function FaultCard(props: { readonly fault: FaultView; readonly since?: number | null; readonly isFull?: boolean }): ReactNode {
  const { say, words } = useSpeech()
  const { fault, since, isFull } = props
  const row = FAULTS[fault.code]
  return (
    <div className={`fault fault-${row.blame}`} role="group" aria-label={words(row.title)}>
      <p className="fault-title"><Shape name="triangle-bang" /> <span>{words(row.title)}</span></p>
      <p className="fault-action">{words(row.action)}</p>
      {isFull === true
        ? (
            <p className="fault-more">
              <span>{say(`blame.${row.blame}`)}</span>
              {since === undefined || since === null ? null : <Age since={since} />}
              <code>{fault.code}</code>
              {Object.entries(fault.context).slice(0, CONTEXT_MAX).map(([name, value]) => (
                <bdi key={name}><code>{`${name} ${String(value).slice(0, LINES.has(name) ? LINE_CHARS_MAX : VALUE_CHARS_MAX)}`}</code></bdi>
              ))}
            </p>
          )
        : null}
      {isFull === true && fault.code === 'cloud.no-permission' ? <Grants /> : null}
    </div>
  )
}
