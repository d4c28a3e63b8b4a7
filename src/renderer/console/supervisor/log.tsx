/** The log: every numbered fact, newest first, page by page; nothing of it can be changed. Whether it is whole is asked here. */
import { useState, type ReactNode } from 'react'
import type { VerifiedView } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { FactRow } from './units.tsx'

/** What is newest is looked at again so often; an older page never changes. */
const LOOK_MS = 5_000
const FACTS_A_PAGE = 50
/** As in the door table. */
const KIND_CHARS_MAX = 64

export function LogTab(): ReactNode {
  const { say, dateTime, number } = useSpeech()
  /** Keys of the pages gone through, newest page first; null is the newest page itself. */
  const [trail, setTrail] = useState<readonly (number | null)[]>([null])
  const [sought, setSought] = useState({ kind: '', operator: '' })
  const before = trail.at(-1) ?? null
  const filter = { ...sought.kind === '' ? {} : { kind: sought.kind }, ...sought.operator === '' ? {} : { operator: sought.operator } }
  const { value, fault } = useView('history.list', { limit: FACTS_A_PAGE, ...filter, ...(before === null ? {} : { beforeSeq: before }) }, before === null ? LOOK_MS : null)
  const oldest = value?.reduce((least, fact) => Math.min(least, fact.seq), Number.MAX_SAFE_INTEGER)
  const hasOlder = value?.length === FACTS_A_PAGE && oldest !== undefined && oldest > 1
  const set = (name: keyof typeof sought) => (event: { readonly target: { readonly value: string } }): void => {
    setSought({ ...sought, [name]: event.target.value.trim() })
    setTrail([null])
  }
  return (
    <>
      <form className="search" role="search" onSubmit={event => event.preventDefault()}>
        <label>{say('log.kind')} <input value={sought.kind} maxLength={KIND_CHARS_MAX} autoComplete="off" spellCheck={false} onChange={set('kind')} /></label>
        <label>{say('operator')} <input value={sought.operator} maxLength={KIND_CHARS_MAX} autoComplete="off" spellCheck={false} onChange={set('operator')} /></label>
        <Whole />
      </form>
      <Sheet name="facts.label" none="facts.none" count={value?.length ?? null} faults={[fault]} head={['facts.seq', 'facts.at', 'facts.kind', 'facts.body']}>
        {value?.map(fact => <FactRow key={fact.seq} fact={fact} seq={number(fact.seq)} at={dateTime(fact.at)} />)}
      </Sheet>
      <p className="acts">
        <button type="button" disabled={trail.length < 2} onClick={() => setTrail(trail.slice(0, -1))}>{say('facts.newer')}</button>
        <button type="button" disabled={!hasOlder} onClick={() => setTrail([...trail, oldest ?? null])}>{say('facts.older')}</button>
      </p>
    </>
  )
}

/** Walks the whole chain; names the first records that do not fit. */
function Whole(): ReactNode {
  const { say, number } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const [found, setFound] = useState<VerifiedView | null>(null)
  return (
    <>
      <button type="button" disabled={isAsking} onClick={() => run(door.ask('ledger.verify', {}).then(setFound))}>{say(isAsking ? 'loading' : 'log.verify')}</button>
      {fault === null ? null : <FaultCard fault={fault} />}
      {found === null ? null : (
        <span role="status" className={found.broken.length === 0 ? 'verdict-good' : 'verdict-bad'}>
          <Shape name={found.broken.length === 0 ? 'circle-tick' : 'triangle-bang'} /> {found.broken.length === 0 ? say('log.whole', { n: number(found.facts) }) : say('log.broken')} <bdi>{found.broken[0] ?? ''}</bdi>
        </span>
      )}
    </>
  )
}
