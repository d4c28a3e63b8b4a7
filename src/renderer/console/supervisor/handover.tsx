/**
 * The hand-over of the shift: what was done, what is left, and each open hold seen by the next shift, by its scan. Signed only
 * when all were seen; the head of the chain is read out, so that the next shift can prove that nothing was rewritten.
 */
import { useEffect, useRef, type ReactNode } from 'react'
import { FAULTS, OUTCOMES, STAGES, type HandoverHold, type HandoverView, type ScanView } from '#shared'
import { Age, DASH } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { OUTCOME_SHAPE, Shape } from '../../common/shapes.tsx'
import { PaperButton } from '../paper.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand, type Command } from '../use-command.ts'
import { useView } from '../use-view.ts'

const LOOK_MS = 2_000
/** Read out in fours. */
const HASH_CHARS = 32

export function HandoverTab(props: { readonly scan: ScanView | null }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('handover.view', {}, LOOK_MS)
  const command = useCommand()
  useAcknowledged(props.scan, value, command)
  if (value === null) return fault === null ? <p className="quiet-word">{say('loading')}</p> : <FaultCard fault={fault} isFull />
  const left = value.holds.filter(h => h.acknowledgedAt === null).length
  return (
    <>
      <Sums view={value} />
      <Sheet name="handover.holds" none="hold.none" count={value.holds.length} faults={[command.fault]} aside={<span className="quiet-word">{say(left === 0 ? 'handover.all-seen' : 'handover.scan', { n: left })}</span>} head={['unit.name', 'hold.age', 'hold.owner', 'hold.reason', 'wave.why', 'handover.seen']}>
        {value.holds.map(hold => <HoldRow key={hold.unit.uid} hold={hold} command={command} />)}
      </Sheet>
      <p className="acts handover-sign">
        <button type="button" className="wave-go" disabled={left > 0 || command.isAsking} onClick={() => command.run(door.ask('handover.sign', {}))}>{say('handover.sign')}</button>
        <PaperButton word="handover.print" make={() => door.ask('handover.paper', {})} />
        {value.last === null ? null : <span className="quiet-word">{say('handover.last')} <bdi>{value.last.by ?? say('operator.nobody')}</bdi> <Age since={value.last.at} /></span>}
      </p>
    </>
  )
}

/** A held unit that is scanned while this tab is open has been seen; the card takes the shift over. */
function useAcknowledged(scan: ScanView | null, view: HandoverView | null, command: Command): void {
  const { door } = usePage()
  const at = scan?.at ?? 0
  const seen = useRef(at)
  useEffect(() => {
    if (at <= seen.current || view === null) return
    seen.current = at
    if (scan?.fault === null && scan.text.toUpperCase() === 'CM:SIGN') command.run(door.ask('handover.sign', {}))
    const held = scan?.heard === 'unit' || scan?.heard === 'label' ? view.holds.find(h => h.unit.uid === scan.unit?.uid) : undefined
    if (held) command.run(door.ask('handover.acknowledge', { unit: held.unit.uid }))
  }, [at, scan, view, door, command])
}

function HoldRow(props: { readonly hold: HandoverHold; readonly command: Command }): ReactNode {
  const { say, words, time } = useSpeech()
  const { door } = usePage()
  const { hold: { unit, acknowledgedAt, acknowledgedBy }, command } = props
  return (
    <tr>
      <td className="cut"><bdi>{unit.name}</bdi></td><td><Age since={unit.hold?.at ?? null} /></td><td className="cut"><bdi>{unit.hold?.owner ?? DASH}</bdi></td><td className="cut"><bdi>{unit.hold?.reason ?? DASH}</bdi></td>
      <td className="wraps">{unit.fault === null ? DASH : words(FAULTS[unit.fault.code].title)}</td>
      <td>{acknowledgedAt === null
        ? <button type="button" disabled={command.isAsking} onClick={() => command.run(door.ask('handover.acknowledge', { unit: unit.uid }))}>{say('handover.see')}</button>
        : <><Shape name="circle-tick" /> <bdi>{acknowledgedBy ?? say('operator.nobody')}</bdi> {time(acknowledgedAt)}</>}</td>
    </tr>
  )
}

function Sums(props: { readonly view: HandoverView }): ReactNode {
  const { say, words, number } = useSpeech()
  const { outcomes, queue, quota, sync, chain, operator } = props.view
  const owed = sync.reduce((n, s) => n + s.last - s.acked, 0)
  const oldest = sync.flatMap(s => s.oldestUnsentAt ?? [])
  return (
    <div className="handover-sums">
      <dl className="rows panel">
        <div><dt>{say('operator')}</dt><dd><bdi>{operator ?? say('operator.nobody')}</bdi></dd></div>
        {OUTCOMES.map(o => <div key={o}><dt><Shape name={OUTCOME_SHAPE[o]} /> {say(`outcome.${o}`)}</dt><dd>{number(outcomes[o])}</dd></div>)}
      </dl>
      <dl className="rows panel">
        {STAGES.filter(s => s !== 'closed').map(s => <div key={s}><dt>{say(`stage.${s}`)}</dt><dd>{number(queue[s])}</dd></div>)}
        <div><dt>{say('handover.owed')}</dt><dd>{number(owed)}{oldest.length === 0 ? null : <> · <Age since={Math.min(...oldest)} /></>}</dd></div>
      </dl>
      <dl className="rows panel">
        {quota.map(q => <div key={`${q.scope} ${q.key}`}><dt><bdi>{words(q.name)}</bdi></dt><dd>{say('handover.quota', { left: Math.max(0, q.cap - q.spent - q.reserved), spent: q.spent, reserved: q.reserved })}</dd></div>)}
        <div className="chain"><dt>{say('handover.chain', { n: number(chain.seq) })}</dt><dd><code>{chain.hash.slice(0, HASH_CHARS).replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></dd></div>
      </dl>
    </div>
  )
}
