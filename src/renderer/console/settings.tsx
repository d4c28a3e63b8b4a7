/** Accounts and what they may do, what the day still holds, and results nobody has claimed. A secret is typed in and never comes back. */
import { useState, type FormEvent, type ReactNode } from 'react'
import { GRANT_ROUTES, type AccountView, type FaultView, type PlanRow, type UnmatchedView } from '#shared'
import { DASH } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { useView } from './use-view.ts'

const LOOK_MS = 5000
/** Units of a plan that a screen lists; a terminal lists all. */
const ROWS_MAX = 30
/** As in the door table. */
const SECRET_CHARS_MAX = 128
const REASON_CHARS_MAX = 200
const SHAPES = { id: '^[\\w\\-]{1,32}$', url: '^https?://\\S{1,200}$' } as const
const CENTRES = ['cn', 'us', 'ueaz', 'eu', 'weaz', 'in', 'sg'] as const

export function SettingsPage(): ReactNode {
  const { say } = useSpeech()
  return (
    <section className="second second-settings" aria-label={say('tab.settings')}>
      <Plan />
      <Accounts />
      <Unmatched />
    </section>
  )
}

/** One command at a time, with the fault of the last one. */
function useCommand(): { readonly fault: FaultView | null; readonly isAsking: boolean; readonly run: (asking: Promise<unknown>, done?: () => void) => void } {
  const [fault, setFault] = useState<FaultView | null>(null)
  const [isAsking, setAsking] = useState(false)
  const run = (asking: Promise<unknown>, done: () => void = () => undefined): void => {
    setAsking(true)
    asking.then(() => { setFault(null); done() }, (thrown: unknown) => setFault(asFault(thrown))).finally(() => setAsking(false))
  }
  return { fault, isAsking, run }
}

function Plan(): ReactNode {
  const { say, dateTime } = useSpeech()
  const { value, fault } = useView('quota.plan', {}, LOOK_MS)
  if (value === null) return fault === null ? <p className="quiet-word">{say('loading')}</p> : <FaultCard fault={fault} isFull />
  const { counts, waves, tokens, daysMin } = value
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('day.label')}>
      <table>
        <caption>{say('day.label')} <span className="count">{say('day.counts', { today: counts.today, tomorrow: counts.tomorrow, impossible: counts.impossible })}</span> <span className="quiet-word">{say('day.work', { waves, tokens, days: daysMin })}</span></caption>
        <thead><tr><th scope="col">{say('day.when')}</th><th scope="col">{say('unit.name')}</th><th scope="col">{say('unit.product')}</th><th scope="col">{say('day.tote')}</th><th scope="col">{say('account.id')}</th><th scope="col">{say('day.since')}</th></tr></thead>
        <tbody>
          {value.accounts.filter(a => a.runsOutAt !== null).map(a => <tr key={a.account}><td colSpan={6}>{say('day.runs-out', { account: a.account, left: a.left, time: dateTime(a.runsOutAt ?? 0) })}</td></tr>)}
          <PlanRows rows={value.today} when={say('day.today')} />
          <PlanRows rows={value.tomorrow} when={say('day.tomorrow')} />
          <PlanRows rows={value.impossible} when={say('day.impossible')} />
        </tbody>
      </table>
    </div>
  )
}

function PlanRows(props: { readonly rows: readonly PlanRow[]; readonly when: string }): ReactNode {
  const { words, dateTime } = useSpeech()
  return props.rows.slice(0, ROWS_MAX).map(row => (
    <tr key={row.unit}><td>{props.when}</td><td className="cut"><bdi>{row.name}</bdi></td><td className="cut">{words(row.productName)}</td><td><bdi>{row.tote ?? DASH}</bdi></td><td><bdi>{row.account ?? DASH}</bdi></td><td>{dateTime(row.since)}</td></tr>
  ))
}

function Accounts(): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('account.list', {}, LOOK_MS)
  const command = useCommand()
  const isDenied = value?.some(a => a.products.some(p => p.state === 'denied')) === true
  return (
    <div className="table-frame accounts" tabIndex={0} role="region" aria-label={say('account.label')}>
      <table>
        <caption>{say('account.label')}</caption>
        <thead><tr><th scope="col">{say('account.id')}</th><th scope="col">{say('account.centre')}</th><th scope="col">{say('account.today')}</th><th scope="col">{say('account.products')}</th><th scope="col">{say('account.acts')}</th></tr></thead>
        <tbody>{value?.map(account => <AccountRow key={account.id} account={account} isAsking={command.isAsking} run={command.run} />)}</tbody>
      </table>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {command.fault === null ? null : <FaultCard fault={command.fault} isFull />}
      {isDenied ? <Grants /> : null}
      <AccountForm isAsking={command.isAsking} run={command.run} />
    </div>
  )
}

interface Commands { readonly isAsking: boolean; readonly run: ReturnType<typeof useCommand>['run'] }

function AccountRow(props: Commands & { readonly account: AccountView }): ReactNode {
  const { say, words } = useSpeech()
  const { door } = usePage()
  const { account, isAsking, run } = props
  const { id, region, baseUrl, source, quota, products, origin, secretKind, fault } = account
  const denied = products.filter(p => p.state === 'denied')
  return (
    <tr>
      <td><bdi>{id}</bdi> <span className="quiet-word">{say(`account.source.${source}`)}</span></td>
      <td className="cut"><bdi>{region} {baseUrl}</bdi></td>
      <td>{say('account.used', { spent: quota.spent, reserved: quota.reserved, cap: quota.cap })}</td>
      <td>
        {say('account.allowed', { n: products.filter(p => p.state === 'allowed').length, all: products.length })}
        {denied.length === 0 ? null : <> {say('account.denied')} <bdi>{denied.map(p => words(p.productName)).join(', ')}</bdi></>}
        {fault === null ? null : <FaultCard fault={fault} />}
        {secretKind === 'unprotected' ? <strong>{say('account.unprotected')}</strong> : null}
      </td>
      <td className="acts">
        <button type="button" disabled={isAsking} onClick={() => run(door.ask('account.test', { account: id }))}>{say('account.test')}</button>
        {origin === 'config' ? <span className="quiet-word">{say('account.of-config')}</span> : <button type="button" disabled={isAsking || account.inUse > 0} onClick={() => run(door.ask('account.remove', { account: id }))}>{say('account.remove')}</button>}
      </td>
    </tr>
  )
}

/** Who can give the right, and where, for both routes. */
function Grants(): ReactNode {
  const { say, words } = useSpeech()
  return (
    <details className="grants">
      <summary>{say('account.grants')}</summary>
      {GRANT_ROUTES.map(route => (
        <div key={route.title.en}>
          <h3>{words(route.title)}</h3>
          <p>{words(route.who)}</p>
          <ol>{route.steps.map(step => <li key={step.en}>{words(step)}</li>)}</ol>
        </div>
      ))}
    </details>
  )
}

function AccountForm(props: Commands): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [form, setForm] = useState({ id: '', clientId: '', secret: '', centre: 'eu', baseUrl: '', assetId: '' })
  const set = (name: keyof typeof form) => (event: { readonly target: { readonly value: string } }): void => setForm({ ...form, [name]: event.target.value })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const { id, clientId, secret, centre, baseUrl, assetId } = form
    const where = baseUrl === '' ? { centre } : { baseUrl }
    props.run(door.ask('account.add', { id, clientId, secret, ...where, ...assetId === '' ? {} : { assetId } }), () => setForm({ id: '', clientId: '', secret: '', centre: 'eu', baseUrl: '', assetId: '' }))
  }
  return (
    <form className="account-form" onSubmit={submit}>
      <label>{say('account.id')} <input value={form.id} pattern={SHAPES.id} required autoComplete="off" spellCheck={false} onChange={set('id')} /></label>
      <label>{say('account.client-id')} <input value={form.clientId} maxLength={64} required autoComplete="off" spellCheck={false} onChange={set('clientId')} /></label>
      <label>{say('account.secret')} <input type="password" value={form.secret} maxLength={SECRET_CHARS_MAX} required autoComplete="off" onChange={set('secret')} /></label>
      <label>{say('account.centre')} <select value={form.centre} onChange={set('centre')}>{CENTRES.map(id => <option key={id} value={id}>{say(`centre.${id}`)}</option>)}</select></label>
      <label>{say('account.base-url')} <input value={form.baseUrl} pattern={SHAPES.url} autoComplete="off" spellCheck={false} onChange={set('baseUrl')} /></label>
      <label>{say('account.asset')} <input value={form.assetId} maxLength={64} autoComplete="off" spellCheck={false} onChange={set('assetId')} /></label>
      <button type="submit" disabled={props.isAsking}>{say('account.add')}</button>
    </form>
  )
}

function Unmatched(): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('unmatched.list', {}, LOOK_MS)
  const command = useCommand()
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('unmatched.label')}>
      <table>
        <caption>{say('unmatched.label')} <span className="count">{value?.length ?? 0}</span></caption>
        <thead><tr><th scope="col">{say('facts.at')}</th><th scope="col">{say('account.id')}</th><th scope="col">{say('unmatched.said')}</th><th scope="col">{say('unmatched.names')}</th><th scope="col">{say('unmatched.reason')}</th></tr></thead>
        <tbody>{value?.slice(0, ROWS_MAX).map(result => <UnmatchedRow key={result.result} result={result} isAsking={command.isAsking} run={command.run} />)}</tbody>
      </table>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {command.fault === null ? null : <FaultCard fault={command.fault} isFull />}
    </div>
  )
}

/** Linked to a unit by its name, or dismissed with a reason: the same field says both. */
function UnmatchedRow(props: Commands & { readonly result: UnmatchedView }): ReactNode {
  const { say, dateTime } = useSpeech()
  const { door } = usePage()
  const [text, setText] = useState('')
  const { result, isAsking, run } = props
  const said = text.trim()
  const link = async (): Promise<void> => {
    const units = await door.ask('units.find', { text: said, limit: 2 })
    const [unit] = units
    if (!unit || units.length > 1) throw { code: 'door.invalid', context: { text: said } } satisfies FaultView // a fault is data on this side of the door
    await door.ask('unmatched.link', { result: result.result, unit: unit.uid })
  }
  return (
    <tr>
      <td>{dateTime(result.at)}</td><td><bdi>{result.account ?? DASH}</bdi></td>
      <td>{say(result.ok ? 'unmatched.released' : 'unmatched.refused')} <bdi><code>{result.code ?? ''}</code></bdi></td>
      <td className="cut"><bdi>{result.uuid ?? result.deviceId ?? DASH}</bdi></td>
      <td className="acts">
        <input aria-label={say('unmatched.reason')} value={text} maxLength={REASON_CHARS_MAX} onChange={event => setText(event.target.value)} />
        <button type="button" disabled={isAsking || said === ''} onClick={() => run(link())}>{say('unmatched.link')}</button>
        <button type="button" disabled={isAsking || said === ''} onClick={() => run(door.ask('unmatched.dismiss', { result: result.result, reason: said }))}>{say('unmatched.dismiss')}</button>
      </td>
    </tr>
  )
}
