/** NOW: the last verdict, to be read from three metres; it stays until the next. Below it the newest scan. */
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import { FAULTS, type BenchView, type FaultView, type Outcome, type Prompt, type ScanAnswer, type UnitView } from '#shared'
import { Age, useIsOlder } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import type { Speech } from '../common/language.ts'
import { usePage, useSpeech } from '../common/page.tsx'
import { hearScans, SCAN_CHARS_MAX } from '../common/scanner.ts'
import { OUTCOME_SHAPE, Shape } from '../common/shapes.tsx'
import { Truths } from './truths.tsx'

/** A verdict stays until the next one; after so long it is dimmed, so that nobody acts on it twice. */
const OLD_MS = 5 * 60_000

/** What became of the newest scan of this page. */
export interface ScanNote { readonly text: string; readonly answer: ScanAnswer | null; readonly fault: FaultView | null }
export interface Scans { readonly note: ScanNote | null; readonly send: (text: string) => void }

export function useScans(): Scans {
  const { door } = usePage()
  const [note, setNote] = useState<ScanNote | null>(null)
  const send = useCallback((text: string) => {
    const put = (answer: ScanAnswer | null, fault: FaultView | null): void => setNote(old => old?.text === text ? { text, answer, fault } : old) // newest scan wins
    setNote({ text, answer: null, fault: null })
    if (text.length > SCAN_CHARS_MAX) put(null, { code: 'scan.unreadable', context: {} })
    else door.ask('scan', { text }).then(answer => put(answer, null), (thrown: unknown) => put(null, asFault(thrown)))
  }, [door])
  useEffect(() => hearScans(window, send), [send])
  return { note, send }
}

interface NowProps {
  readonly verdict: UnitView | null
  readonly scan: BenchView['scan']
  readonly scans: Scans
  readonly isTyping: boolean
  readonly onType: (isTyping: boolean) => void
}

export function Now(props: NowProps): ReactNode {
  const { say } = useSpeech()
  const { verdict } = props
  const isOld = useIsOlder(verdict?.closedAt ?? null, OLD_MS)
  return (
    <section className="now-column" aria-label={say('now.label')}>
      <div className={`now now-${verdict?.outcome ?? 'none'}${isOld ? ' now-old' : ''}`} role="status">
        {verdict?.outcome ? <Verdict unit={verdict} outcome={verdict.outcome} /> : <p className="now-empty">{say('now.empty')}</p>}
      </div>
      <ScanChip scan={props.scan} note={props.scans.note} />
      {props.isTyping
        ? <TypedCode onSend={text => { props.scans.send(text); props.onType(false) }} />
        : <button type="button" className="type-button" onClick={() => props.onType(true)}><kbd>{say('key.type')}</kbd> {say('scan.type')}</button>}
    </section>
  )
}

function Verdict(props: { readonly unit: UnitView; readonly outcome: Outcome }): ReactNode {
  const speech = useSpeech()
  const { say, words } = speech
  const { unit, outcome } = props
  return (
    <>
      <div className="now-head">
        <Shape name={OUTCOME_SHAPE[outcome]} />
        {unit.grade === null ? null : <span className="now-grade">{say('grade', { grade: unit.grade })}</span>}
        <span className="now-age"><Age since={unit.closedAt} /></span>
      </div>
      <h2 className="now-word">{say(`outcome.${outcome}`)}</h2>
      <p className="now-name"><bdi>{unit.name}</bdi></p>
      {unit.isIdentified ? null : <p className="now-why">{say('unit.unidentified')}</p>}
      <p className="now-product"><bdi>{unit.productName === null ? say('unit.no-product') : words(unit.productName)}</bdi></p>
      {unit.fault === null ? null : <p className="now-why">{words(FAULTS[unit.fault.code].title)}</p>}
      <p className={unit.fault === null ? 'now-action' : 'now-action now-action-long'}>{actionOf(unit, outcome, speech)}</p>
      <Truths unit={unit} />
    </>
  )
}

const NEXT = { proven: 'take-out', refused: 'set-aside', unproven: 'set-aside', broken: 'plug-in-again', withdrawn: 'plug-in-again' } as const satisfies Record<Outcome, Prompt>

/** One action, never two: the fault's own words, else what the hands are asked to do. */
function actionOf(unit: UnitView, outcome: Outcome, { say, words }: Speech): string {
  if (unit.fault !== null) return words(FAULTS[unit.fault.code].action)
  return say(`prompt.${unit.prompt === 'none' || unit.prompt === 'wait' ? NEXT[outcome] : unit.prompt}`)
}

function ScanChip(props: { readonly scan: BenchView['scan']; readonly note: ScanNote | null }): ReactNode {
  const { say } = useSpeech()
  const { scan, note } = props
  const mine = note !== null && (scan === null || scan.text === note.text || note.answer === null) ? note : null
  const text = mine?.text ?? scan?.text ?? null
  const fault = mine === null ? scan?.fault ?? null : mine.fault
  return (
    <div className={`scan-chip${fault === null ? '' : ' scan-chip-fault'}`} role="status" aria-label={say('scan.last')}>
      <p className="scan-line">
        <span className="quiet-word">{say('scan.last')}</span>
        <bdi className="scan-text">{text ?? say('scan.none')}</bdi>
        {scan === null || (mine !== null && scan.text !== mine.text) ? null : <Age since={scan.at} />}
      </p>
      {mine?.answer ? <p className="scan-note">{say('scan.became', { heard: say(`scan.${mine.answer.heard}`), note: say(`scan.note.${mine.answer.note}`) })}</p> : null}
      {fault === null ? null : <FaultCard fault={fault} />}
    </div>
  )
}

function TypedCode(props: { readonly onSend: (text: string) => void }): ReactNode {
  const { say } = useSpeech()
  const [text, setText] = useState('')
  return (
    <form
      className="typed"
      onSubmit={event => {
        event.preventDefault()
        if (text.trim() !== '') props.onSend(text.trim())
      }}
    >
      <label htmlFor="typed-code">{say('scan.type')}</label>
      <input id="typed-code" value={text} maxLength={SCAN_CHARS_MAX} autoFocus autoComplete="off" spellCheck={false} onChange={event => setText(event.target.value)} />
      <button type="submit">{say('scan.send')}</button>
    </form>
  )
}
