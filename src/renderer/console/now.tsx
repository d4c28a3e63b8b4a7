/**
 * NOW: what the newest scan or verdict was, to be read from three metres. A verdict stays until the next scan, a scan until
 * the next verdict; what was there before becomes a chip. Below it the newest scan of any kind and what became of it.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { FAULTS, type BenchView, type Outcome, type Prompt, type ScanView, type UnitView } from '#shared'
import { Age, useIsOlder } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import type { Speech } from '../common/language.ts'
import { usePage, useSpeech } from '../common/page.tsx'
import { hearScans } from '../common/scanner.ts'
import { useLive } from '../common/live.ts'
import { OUTCOME_SHAPE, Shape } from '../common/shapes.tsx'
import { shelfOf } from './lanes.tsx'
import { Scanned } from './scanned.tsx'
import { Scans } from './scans.ts'
import { Truths } from './truths.tsx'
import { TypedCode } from './typed-code.tsx'

/** A verdict stays until the next one; after so long it is dimmed, so that nobody acts on it twice. */
const OLD_MS = 5 * 60_000
/** What was in the banner before, newest first. */
const TRAIL_MAX = 3

/** Stays the same thing for as long as the page is open: who wants to know what became of a scan reads its notes. */
export function useScans(): Scans {
  const { door } = usePage()
  const [scans] = useState(() => new Scans(door))
  useEffect(() => hearScans(window, scans.send), [scans])
  return scans
}

interface NowProps {
  readonly bench: BenchView
  readonly scans: Scans
  readonly isTyping: boolean
  readonly onType: (isTyping: boolean) => void
}

type Shown = { readonly kind: 'scan'; readonly unit: UnitView; readonly scan: ScanView } | { readonly kind: 'verdict'; readonly unit: UnitView; readonly outcome: Outcome }

/** The newest of the two; of the scanned unit as it stands now. */
export function shownOf({ verdict, scan, units }: Pick<BenchView, 'verdict' | 'scan' | 'units'>): Shown | null {
  const scanned = scan?.unit ?? null
  if (scan && scanned && scan.at > (verdict?.closedAt ?? 0)) return { kind: 'scan', scan, unit: units.find(u => u.uid === scanned.uid) ?? scanned }
  return verdict?.outcome ? { kind: 'verdict', unit: verdict, outcome: verdict.outcome } : null
}

export function Now(props: NowProps): ReactNode {
  const { say } = useSpeech()
  const shown = shownOf({ ...props.bench, scan: useUnitScan(props.bench.scan) })
  const isOld = useIsOlder(shown?.kind === 'verdict' ? shown.unit.closedAt : null, OLD_MS)
  const trail = useTrail(shown)
  return (
    <section className="now-column" aria-label={say('now.label')}>
      <div className={`now now-${shown === null ? 'none' : shown.kind === 'scan' ? 'scan' : shown.outcome}${isOld ? ' now-old' : ''}`} role="status">
        {shown === null ? <p className="now-empty">{say('now.empty')}</p> : null}
        {shown?.kind === 'scan' ? <Scanned unit={shown.unit} scan={shown.scan} /> : null}
        {shown?.kind === 'verdict' ? <Verdict unit={shown.unit} outcome={shown.outcome} /> : null}
      </div>
      <ScanChip scan={props.bench.scan} scans={props.scans} trail={trail} />
      {props.isTyping ? <TypedCode onSend={text => { props.scans.send(text); props.onType(false) }} /> : null}
    </section>
  )
}

const keyOf = (shown: Shown): string => `${shown.kind} ${shown.unit.uid} ${shown.kind === 'scan' ? shown.scan.at : shown.unit.closedAt}`

/** The last scan that was about a unit: a badge or a command in between takes nothing out of the banner. */
function useUnitScan(scan: ScanView | null): ScanView | null {
  const [kept, setKept] = useState(scan)
  if (scan === null || scan.unit == null) return kept
  if (scan.at !== kept?.at || kept.unit == null) setKept(scan)
  return scan
}

/** What the banner held before, newest first; kept by the page alone. */
function useTrail(shown: Shown | null): readonly Shown[] {
  const [kept, setKept] = useState<{ readonly now: Shown | null; readonly past: readonly Shown[] }>({ now: shown, past: [] })
  if (shown !== null && (kept.now === null || keyOf(kept.now) !== keyOf(shown))) {
    const past = kept.now === null ? [] : [kept.now, ...kept.past].slice(0, TRAIL_MAX)
    setKept({ now: shown, past })
    return past
  }
  return kept.past
}

function TrailChip(props: { readonly shown: Shown }): ReactNode {
  const { say } = useSpeech()
  const { shown } = props
  const word = shown.kind === 'scan' ? say(`scan.note.${shown.scan.note ?? 'again'}`) : say(`outcome.${shown.outcome}`)
  return (
    <li className={`trail-chip${shown.kind === 'scan' ? '' : ` chip-${shown.outcome}`}`}>
      <Shape name={shown.kind === 'scan' ? 'asked' : OUTCOME_SHAPE[shown.outcome]} /> <bdi className="trail-name">{shown.unit.name}</bdi> <span className="trail-word">{word}</span>
    </li>
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
  return say(`prompt.${unit.prompt === 'none' || unit.prompt === 'wait' ? NEXT[outcome] : unit.prompt}`, { tote: shelfOf(unit) })
}

function ScanChip(props: { readonly scan: BenchView['scan']; readonly scans: Scans; readonly trail: readonly Shown[] }): ReactNode {
  const { say } = useSpeech()
  const { scan } = props
  const note = useLive(props.scans)
  const mine = note !== null && (scan === null || scan.text === note.text || note.answer === null) ? note : null
  const text = mine?.text ?? scan?.text ?? null
  const fault = mine === null ? scan?.fault ?? null : mine.fault
  const answer = mine === null ? (scan?.heard === undefined ? null : { heard: scan.heard, note: scan.note ?? 'done' }) : mine.answer
  const isGood = fault === null && answer !== null
  return (
    <div className={`scan-chip${fault === null ? '' : ' scan-chip-fault'}${isGood ? ' scan-chip-good' : ''}`} role="status" aria-label={say('scan.last')}>
      <p className="scan-line">
        <span className="quiet-word">{say('scan.last')}</span>
        <bdi className="scan-text">{text ?? say('scan.none')}</bdi>
        {scan === null || (mine !== null && scan.text !== mine.text) ? null : <Age since={scan.at} />}
      </p>
      {answer === null ? null : <p className="scan-note"><Shape name="circle-tick" /> {say('scan.became', { heard: say(`scan.${answer.heard}`), note: say(`scan.note.${answer.note}`) })}</p>}
      {fault === null ? <ul className="trail" aria-label={say('now.trail')}>{props.trail.map(one => <TrailChip key={keyOf(one)} shown={one} />)}</ul> : <FaultCard fault={fault} />}
    </div>
  )
}
