/** The bench: its card and what each card hears, the address server and its guard with their tests, and every setting of it. */
import { useState, type ReactNode } from 'react'
import { FAULTS, type ReadyStep, type ReadyView } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { Cards } from './cards.tsx'
import { SettingsOf } from './settings-of.tsx'

const LOOK_MS = 2_000
const TESTS = ['card', 'guard', 'lease'] as const satisfies readonly ReadyStep[]

export function BenchPage(): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('network.view', {}, LOOK_MS)
  const { dhcp, card, lan } = value ?? { dhcp: null, card: null, lan: null }
  const rows = dhcp === null || lan === null
    ? []
    : [['net.card', card === null ? say('card.missing') : card.name], ['net.address', card?.address ?? '–'], ['net.dhcp', say(`dhcp.${dhcp.state}`)], ['net.pool', say('net.pool.of', { n: dhcp.poolUsed, of: dhcp.poolSize })]] as const
  return (
    <>
      <div className="panel keeping">
        <h2>{say('set.bench')}</h2>
        <dl className="rows">{rows.map(([key, text]) => <div key={key}><dt>{say(key)}</dt><dd><bdi>{text}</bdi></dd></div>)}</dl>
        {[fault, dhcp?.fault ?? null, lan?.fault ?? null].map(f => f === null ? null : <FaultCard key={f.code} fault={f} isFull />)}
        <Tests />
      </div>
      <Cards />
      <SettingsOf page="bench" />
    </>
  )
}

/** The same steps as in the checklist, each with its plain result. */
function Tests(): ReactNode {
  const { say, words } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const [view, setView] = useState<ReadyView | null>(null)
  const [tried, setTried] = useState<ReadyStep | null>(null)
  const step = view?.steps.find(s => s.step === tried) ?? null
  return (
    <>
      <p className="acts">
        {TESTS.map(name => <button key={name} type="button" disabled={isAsking} onClick={() => { setTried(name); setView(null); run(door.ask('ready.try', { step: name }).then(setView)) }}>{say(`bench.test.${name}`)}</button>)}
        {isAsking ? <span role="status"><Shape name="proving" /> {say('ready.state.running')}</span> : null}
        {step === null || isAsking ? null : <span role="status" className={step.state === 'done' ? 'check-good' : 'check-bad'}><Shape name={step.state === 'done' ? 'circle-tick' : 'triangle-bang'} /> {say(`ready.step.${step.step}`)}: {say(`ready.state.${step.state}`)} {step.fault === null ? null : words(FAULTS[step.fault.code].title)} <bdi>{step.found['ip'] ?? ''}</bdi></span>}
      </p>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </>
  )
}
