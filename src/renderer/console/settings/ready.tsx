/**
 * The checklist that proves the bench, and the daily check. Each step is tried here, by the station or by hands, and says who
 * tried it when and what was found; at the end stands a signed record. A step that was skipped says so and is never done.
 */
import { useState, type ReactNode } from 'react'
import { FAULTS, TOLD_STEPS, type BenchView, type ReadyPaperView, type ReadyRecordView, type ReadyStep, type ReadyStepView, type ReadyView } from '#shared'
import { Age } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech, type Page } from '../../common/page.tsx'
import { Shape, type ShapeName } from '../../common/shapes.tsx'
import { PaperButton, type SavedFile } from '../paper.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { Cards } from './cards.tsx'
import { DistanceProof } from './distance-proof.tsx'
import { ScannerProof } from './scanner-proof.tsx'

const LOOK_MS = 2_000
const SHAPE = { open: 'ring', running: 'proving', done: 'circle-tick', failed: 'triangle-bang', skipped: 'dash' } as const satisfies Record<ReadyStepView['state'], ShapeName>
/** What a step found, in the order in which it is said; the rest is for the record. */
const FOUND = ['card', 'units', 'asking', 'seconds', 'ip', 'ms', 'address', 'accounts', 'allowed', 'denied', 'outcome', 'certificate', 'facts', 'cm', 'verdict'] as const

type Ask = (asking: Promise<ReadyView>) => void

export function ReadyPage(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('ready.view', {}, LOOK_MS)
  const command = useCommand()
  const [told, setTold] = useState<ReadyView | null>(null)
  const view = told !== null && (value === null || told.clock.now > value.clock.now) ? told : value
  const ask: Ask = asking => command.run(asking.then(setTold))
  if (view === null) return fault === null ? <p className="quiet-word">{say('loading')}</p> : <FaultCard fault={fault} isFull />
  return (
    <div className="panel ready">
      <h2>{say('set.ready')}</h2>
      <p className="acts">
        <button type="button" className="main-act" disabled={command.isAsking || view.isRunning} onClick={() => ask(door.ask('ready.daily', {}))}>{say('ready.daily')}</button>
        <Said record={view.daily} none="ready.daily.none" isDue={view.isDue} />
        <Kept record={view.daily} door={door} />
      </p>
      {command.fault === null ? null : <FaultCard fault={command.fault} isFull />}
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      <ol className="ready-steps" aria-label={say('ready.steps')}>
        {view.steps.map(step => <Step key={step.step} step={step} bench={props.bench} isBusy={command.isAsking} ask={ask} />)}
      </ol>
      <p className="acts">
        <button type="button" className="main-act" disabled={command.isAsking || !view.maySign} onClick={() => ask(door.ask('ready.sign', {}))}>{say('ready.sign')}</button>
        <Said record={view.first} none="ready.first.none" isDue={false} />
        <Kept record={view.first} door={door} />
      </p>
    </div>
  )
}

/** When it was last done, by whom, and what failed. */
function Said(props: { readonly record: ReadyRecordView | null; readonly none: 'ready.daily.none' | 'ready.first.none'; readonly isDue: boolean }): ReactNode {
  const { say, dateTime } = useSpeech()
  const { record } = props
  if (record === null) return <span role="status"><Shape name="ring" /> {say(props.none)}</span>
  const names = (steps: readonly ReadyStep[]): string => steps.map(step => say(`ready.step.${step}`)).join(', ')
  return (
    <span role="status" className={record.isReady ? 'check-good' : 'check-bad'}>
      <Shape name={record.isReady ? 'circle-tick' : 'triangle-bang'} /> {record.isReady ? say('ready.is') : say('ready.is-not', { steps: names(record.failed) })} {record.skipped.length === 0 ? null : say('ready.without', { steps: names(record.skipped) })}{' '}
      <span className="quiet-word">{dateTime(record.at)} <bdi>{record.by}</bdi>{props.isDue ? <strong> {say('ready.due')}</strong> : null}</span>
    </span>
  )
}

/** The signed record as a file, for `unbindery verify` and for whoever asks. */
function Kept(props: { readonly record: ReadyRecordView | null; readonly door: Page['door'] }): ReactNode {
  const { record, door } = props
  return record === null ? null : <PaperButton word="ready.record" make={async () => fileOf(await door.ask('ready.paper', { how: record.how }))} />
}

/** As bytes, so that it is saved as it was signed. */
function fileOf({ name, text }: ReadyPaperView): SavedFile {
  return { name, type: 'application/json', base64: btoa(String.fromCharCode(...new TextEncoder().encode(text))) }
}

function Step(props: { readonly step: ReadyStepView; readonly bench: BenchView; readonly isBusy: boolean; readonly ask: Ask }): ReactNode {
  const { say, words } = useSpeech()
  const { door } = usePage()
  const { step: { step, state, at, by, fault, found }, bench, ask } = props
  const isTold = TOLD_STEPS.some(s => s === step)
  const tell = (end: 'done' | 'failed' | 'skipped', more: Readonly<Record<string, string | number>> = {}): void => ask(door.ask('ready.tell', { step, state: end, found: more }))
  const isLabelOut = step === 'printer' && found['label'] === 'sent'
  return (
    <li className={`ready-step ready-${state}`}>
      <p className="ready-head">
        <Shape name={SHAPE[state]} /> <strong>{say(`ready.step.${step}`)}</strong> <span className="ready-state">{say(`ready.state.${state}`)}</span>
        {at === null ? null : <span className="quiet-word"><Age since={at} /> <bdi>{by}</bdi></span>}
      </p>
      <p className="quiet-word">{say(`ready.how.${step}`)}</p>
      <Found found={found} />
      {fault === null ? null : <p className="check-bad">{words(FAULTS[fault.code].title)} <span className="ready-action">{words(FAULTS[fault.code].action)}</span></p>}
      {step === 'card' ? <Cards /> : null}
      {step === 'scanner' ? <ScannerProof state={state} onEnd={tell} /> : null}
      {step === 'distance' ? <DistanceProof bench={bench} onEnd={tell} /> : null}
      <p className="acts">
        {isTold && step !== 'printer' ? null : <button type="button" disabled={props.isBusy || state === 'running'} onClick={() => ask(door.ask('ready.try', { step }))}>{say(step === 'printer' ? 'printing.test' : 'ready.try')}</button>}
        {isLabelOut ? <><button type="button" onClick={() => tell('done')}>{say('ready.label.good')}</button> <button type="button" onClick={() => tell('failed')}>{say('ready.label.bad')}</button></> : null}
        {isTold && state !== 'skipped' ? <button type="button" className="quiet" onClick={() => tell('skipped', { why: 'said' })}>{say('ready.skip')}</button> : null}
      </p>
    </li>
  )
}

function Found(props: { readonly found: ReadyStepView['found'] }): ReactNode {
  const { say } = useSpeech()
  const rows = FOUND.flatMap(name => {
    const value = props.found[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return rows.length === 0 ? null : <dl className="ready-found">{rows.map(([name, value]) => <div key={name}><dt>{say(`ready.found.${name}`)}</dt><dd><bdi>{value}</bdi></dd></div>)}</dl>
}
