/** A table as all pages have it: a caption with its count, a head, rows; what could not be had says so under it. */
import type { ReactNode } from 'react'
import type { FaultView } from '#shared'
import { FaultCard } from '../common/fault-card.tsx'
import type { TextKey } from '../common/text.ts'
import { useSpeech } from '../common/page.tsx'

/** Heads of figures, which stand to the right as the figures do. */
const FIGURES: ReadonlySet<TextKey> = new Set(['unit.attempt', 'facts.seq', 'wave.planned', 'wave.joined', 'wave.proven', 'wave.failed', 'wave.open', 'find.units', 'board.holds', 'sending.acked', 'sending.owed', 'profile.tested'])

interface SheetProps {
  readonly name: TextKey
  /** null: it has not come yet. */
  readonly count: number | null
  readonly head: readonly TextKey[]
  readonly faults?: readonly (FaultView | null)[]
  /** Said where there are no rows. */
  readonly none: TextKey
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export function Sheet(props: SheetProps): ReactNode {
  const { say, number } = useSpeech()
  const { name, count, head } = props
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say(name)}>
      <table>
        <caption>{say(name)} <span className="count">{count === null ? null : number(count)}</span> {props.aside}</caption>
        <thead><tr>{head.map(key => <th key={key} scope="col" className={FIGURES.has(key) ? 'figure' : undefined}>{say(key)}</th>)}</tr></thead>
        <tbody>
          {props.children}
          {count === 0 || count === null ? <tr><td colSpan={head.length} className="quiet-word">{say(count === null ? 'loading' : props.none)}</td></tr> : null}
        </tbody>
      </table>
      {props.faults?.map(fault => fault === null ? null : <FaultCard key={fault.code} fault={fault} isFull />)}
    </div>
  )
}
