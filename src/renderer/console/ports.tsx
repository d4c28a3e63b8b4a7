/** Serial adapters and what a person says each is for, the power of the lanes with its test pulse, and how recipes have done. */
import { lazy, Suspense, useState, type FormEvent, type ReactNode } from 'react'
import { PORT_ROLES, type DoorParams, type FaultView, type PortRoleName, type PortView, type RecipeView } from '#shared'
import { DASH } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { laneName } from './lanes.tsx'
import { useView } from './use-view.ts'
import './ports.css'

const TerminalPanel = lazy(async () => ({ default: (await import('./terminal.tsx')).TerminalPanel }))

const LOOK_MS = 3000
const PATH_CHARS_MAX = 300
const BOARDS = ['lcus', 'numato'] as const

type Run = (asked: Promise<unknown>, done?: () => void) => void

export function PortsPage(props: { readonly lanes: number }): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('ports.list', {}, LOOK_MS)
  const [refused, setRefused] = useState<FaultView | null>(null)
  const [terminal, setTerminal] = useState<number | null>(null)
  const run: Run = (asked, done = () => undefined) => { asked.then(() => { setRefused(null); done() }, (thrown: unknown) => setRefused(asFault(thrown))) }
  const shown = fault ?? value?.fault ?? null
  return (
    <div className="second ports">
      <div className="table-frame" tabIndex={0} role="region" aria-label={say('ports.label')}>
        <table>
          <caption>{say('ports.label')} <span className="quiet-word">{say('ports.rule')}</span></caption>
          <thead><tr><th scope="col">{say('ports.adapter')}</th><th scope="col">{say('ports.path')}</th><th scope="col">{say('ports.there')}</th><th scope="col">{say('ports.role')}</th><th scope="col">{say('account.acts')}</th></tr></thead>
          <tbody>
            {value?.ports.map(port => <PortRow key={port.path} port={port} lanes={props.lanes} run={run} onTerminal={setTerminal} />)}
            {value?.ports.length === 0 ? <tr><td colSpan={5}>{say('ports.none')}</td></tr> : null}
          </tbody>
        </table>
        {shown === null ? null : <FaultCard fault={shown} isFull />}
        {refused === null ? null : <FaultCard fault={refused} isFull />}
        <NamedPort run={run} />
      </div>
      {terminal === null ? null : <Suspense fallback={<p className="quiet-word">{say('loading')}</p>}><TerminalPanel key={terminal} lane={terminal} onClose={() => setTerminal(null)} /></Suspense>}
      <PowerTable ports={value?.ports ?? []} trusted={value?.trustedLanes ?? []} run={run} />
      <Recipes />
    </div>
  )
}

function PortRow(props: { readonly port: PortView; readonly lanes: number; readonly run: Run; readonly onTerminal: (lane: number) => void }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { port, run } = props
  const { path, label, usb, serial, role, lane, isThere, isNamed } = port
  return (
    <tr>
      <td className="cut"><bdi>{label}</bdi> <span className="quiet-word"><bdi>{usb ?? ''} {serial ?? ''}</bdi></span></td>
      <td className="path"><code>{path}</code></td>
      <td>{say(isNamed ? 'ports.named' : isThere ? 'yes' : 'no')}</td>
      <td>{role === null ? <RoleForm port={port} lanes={props.lanes} run={run} /> : <><strong>{say(`ports.role.${role}`)}</strong> <bdi>{lane !== null ? laneName(lane) : port.lanes.map(l => l === null ? DASH : laneName(l)).join(' ')}</bdi></>}</td>
      <td className="acts">
        {role === null ? null : <button type="button" onClick={() => run(door.ask('ports.bind', { path, role: 'none' }))}>{say('ports.free')}</button>}
        {role === 'console' && lane !== null && isThere ? <button type="button" onClick={() => props.onTerminal(lane)}>{say('terminal.show')}</button> : null}
      </td>
    </tr>
  )
}

/** A person says what it is for; nothing is sent to find out. */
function RoleForm(props: { readonly port: PortView; readonly lanes: number; readonly run: Run }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [role, setRole] = useState<PortRoleName>('console')
  const [lane, setLane] = useState(1)
  const [board, setBoard] = useState<(typeof BOARDS)[number]>('lcus')
  const [lanes, setLanes] = useState('1, 2, 3, 4')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const more: Partial<DoorParams<'ports.bind'>> = role === 'console' ? { lane } : role === 'relay' ? { board, lanes: lanes.split(/[\s,]+/).filter(t => t !== '').map(t => /^\d+$/.test(t) ? Number(t) : null) } : {}
    props.run(door.ask('ports.bind', { path: props.port.path, role, ...more }))
  }
  return (
    <form className="role-form" onSubmit={submit}>
      <select aria-label={say('ports.role')} value={role} onChange={event => setRole(PORT_ROLES.find(r => r === event.target.value) ?? 'console')}>{PORT_ROLES.map(r => <option key={r} value={r}>{say(`ports.role.${r}`)}</option>)}</select>
      {role === 'console' ? <input aria-label={say('ports.lane')} type="number" min={1} max={props.lanes} value={lane} onChange={event => setLane(event.target.valueAsNumber || 1)} /> : null}
      {role === 'relay' ? (
        <>
          <select aria-label={say('ports.board')} value={board} onChange={event => setBoard(BOARDS.find(b => b === event.target.value) ?? 'lcus')}>{BOARDS.map(b => <option key={b} value={b}>{say(`ports.board.${b}`)}</option>)}</select>
          <input aria-label={say('ports.channels')} title={say('ports.channels')} value={lanes} onChange={event => setLanes(event.target.value)} />
        </>
      ) : null}
      <button type="submit">{say('ports.bind')}</button>
    </form>
  )
}

/** A pty or a network serial server is never listed by the system; it gets its role here, by name. */
function NamedPort(props: { readonly run: Run }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [path, setPath] = useState('')
  const [lane, setLane] = useState(1)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    props.run(door.ask('ports.bind', { path, role: 'console', lane }), () => setPath(''))
  }
  return (
    <form className="account-form" onSubmit={submit}>
      <label>{say('ports.by-hand')} <input value={path} maxLength={PATH_CHARS_MAX} required autoComplete="off" spellCheck={false} onChange={event => setPath(event.target.value)} /></label>
      <label>{say('ports.lane')} <input type="number" min={1} max={48} value={lane} onChange={event => setLane(event.target.valueAsNumber || 1)} /></label>
      <button type="submit">{say('ports.bind')}</button>
    </form>
  )
}

/** Lanes that a relay switches. A lane counts only after its lamp was seen to go off and on. */
function PowerTable(props: { readonly ports: readonly PortView[]; readonly trusted: readonly number[]; readonly run: Run }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [pulsing, setPulsing] = useState<number | null>(null)
  const lanes = props.ports.flatMap(p => p.role === 'relay' ? p.lanes.flatMap((lane, i) => lane === null ? [] : [{ lane, path: p.path, channel: i + 1 }]) : []).toSorted((a, b) => a.lane - b.lane)
  if (lanes.length === 0) return null
  const pulse = (lane: number): void => {
    setPulsing(lane)
    props.run(door.ask('power.test', { lane }).finally(() => setPulsing(null)))
  }
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('power.label')}>
      <table>
        <caption>{say('power.label')} <span className="quiet-word">{say('power.rule')}</span></caption>
        <thead><tr><th scope="col">{say('ports.lane')}</th><th scope="col">{say('power.channel')}</th><th scope="col">{say('power.trusted')}</th><th scope="col">{say('account.acts')}</th></tr></thead>
        <tbody>
          {lanes.map(({ lane, path, channel }) => (
            <tr key={lane}>
              <td>{laneName(lane)}</td><td className="cut"><bdi><code>{path}</code></bdi> {channel}</td><td>{say(props.trusted.includes(lane) ? 'yes' : 'no')}</td>
              <td className="acts"><button type="button" disabled={pulsing !== null} onClick={() => pulse(lane)}>{say(pulsing === lane ? 'power.pulsing' : 'power.test')}</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Recipes(): ReactNode {
  const { say, words } = useSpeech()
  const { value, fault } = useView('recipe.list', {}, LOOK_MS)
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('recipe.label')}>
      <table>
        <caption>{say('recipe.label')}</caption>
        <thead><tr><th scope="col">{say('recipe.name')}</th><th scope="col">{say('recipe.for')}</th><th scope="col">{say('recipe.version')}</th><th scope="col">{say('recipe.danger')}</th><th scope="col">{say('recipe.verified')}</th></tr></thead>
        <tbody>{value?.map((r: RecipeView) => <tr key={r.id}><td>{words(r.title)}</td><td className="cut"><bdi>{r.for}</bdi></td><td>{r.version}{r.isShipped ? null : <> {say('recipe.own')}</>}</td><td>{say(`recipe.danger.${r.danger}`)}</td><td>{r.runs === 0 ? DASH : say('recipe.rate', { verified: r.verified, runs: r.runs })}</td></tr>)}</tbody>
      </table>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </div>
  )
}
