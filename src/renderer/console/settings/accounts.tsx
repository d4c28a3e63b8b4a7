/** Accounts and what they may do. A secret is typed in and never comes back. */
import { useState, type FormEvent, type ReactNode } from 'react'
import type { AccountView } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { Grants } from '../../common/grants.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Relay } from '../relay.tsx'
import { useCommand, type Command } from '../use-command.ts'
import { useView } from '../use-view.ts'

const LOOK_MS = 5000
/** As in the door table. */
const SECRET_CHARS_MAX = 128
const SHAPES = { id: '^[\\w\\-]{1,32}$', url: '^https?://\\S{1,200}$' } as const
const CENTRES = ['cn', 'us', 'ueaz', 'eu', 'weaz', 'in', 'sg'] as const
const SOURCES = ['openapi', 'relay', 'file'] as const
const FAMILIES = ['industry', 'smart-home', 'iot-core'] as const
const RELEASES = ['none', 'delete', 'reset', 'partner'] as const
interface Form { readonly id: string; readonly clientId: string; readonly secret: string; readonly centre: string; readonly baseUrl: string; readonly assetId: string; readonly uid: string; readonly source: typeof SOURCES[number]; readonly family: typeof FAMILIES[number]; readonly release: typeof RELEASES[number] }
const EMPTY: Form = { id: '', clientId: '', secret: '', centre: 'eu', baseUrl: '', assetId: '', uid: '', source: 'openapi', family: 'industry', release: 'none' }

export function AccountsPage(): ReactNode {
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
      <Relay />
    </div>
  )
}

interface Commands { readonly isAsking: boolean; readonly run: Command['run'] }

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
      <td>{say('account.used', { spent: quota.spent, reserved: quota.reserved, cap: quota.cap })} <Day day={quota.day} /></td>
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

/** Where the vendor's day begins for this account, and how that is known. */
function Day(props: { readonly day: AccountView['quota']['day'] }): ReactNode {
  const { say, timeOfDay } = useSpeech()
  const { day } = props
  if (day === null || !day.isUsed) return <span className="quiet-word">{say('account.day-open')}</span>
  const [from, to] = [day.fromMinutes, day.toMinutes].map(timeOfDay)
  return <span className="quiet-word">{day.by === 'setting' ? say('account.day-set', { from: from ?? '' }) : say('account.day-learnt', { from: from ?? '', to: to ?? '', n: day.seen })}</span>
}

function AccountForm(props: Commands): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [form, setForm] = useState(EMPTY)
  const set = (name: 'id' | 'clientId' | 'secret' | 'centre' | 'baseUrl' | 'assetId' | 'uid') => (event: { readonly target: { readonly value: string } }): void => setForm({ ...form, [name]: event.target.value })
  const isAsked = form.source === 'openapi'
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const { id, clientId, secret, centre, baseUrl, assetId, uid, source, family, release } = form
    const where = baseUrl === '' ? { centre } : { baseUrl }
    const asked = { clientId, secret, family, release, ...assetId === '' ? {} : { assetId }, ...uid === '' ? {} : { uid } }
    props.run(door.ask('account.add', { id, source, ...where, ...isAsked ? asked : {} }), () => setForm(EMPTY))
  }
  return (
    <form className="account-form" onSubmit={submit}>
      <label>{say('account.id')} <input value={form.id} pattern={SHAPES.id} required autoComplete="off" spellCheck={false} onChange={set('id')} /></label>
      <label>{say('account.source')} <select value={form.source} onChange={event => setForm({ ...form, source: SOURCES.find(s => s === event.target.value) ?? 'openapi' })}>{SOURCES.map(s => <option key={s} value={s}>{say(`account.source.${s}`)}</option>)}</select></label>
      <label>{say('account.centre')} <select value={form.centre} onChange={set('centre')}>{CENTRES.map(id => <option key={id} value={id}>{say(`centre.${id}`)}</option>)}</select></label>
      {isAsked
        ? (
            <>
              <label>{say('account.client-id')} <input value={form.clientId} maxLength={64} required autoComplete="off" spellCheck={false} onChange={set('clientId')} /></label>
              <label>{say('account.secret')} <input type="password" value={form.secret} maxLength={SECRET_CHARS_MAX} required autoComplete="off" onChange={set('secret')} /></label>
              <label>{say('account.base-url')} <input value={form.baseUrl} pattern={SHAPES.url} autoComplete="off" spellCheck={false} onChange={set('baseUrl')} /></label>
              <label>{say('account.family')} <select value={form.family} onChange={event => setForm({ ...form, family: FAMILIES.find(f => f === event.target.value) ?? 'industry' })}>{FAMILIES.map(f => <option key={f} value={f}>{say(`account.family.${f}`)}</option>)}</select></label>
              {form.family === 'smart-home'
                ? <label>{say('account.uid')} <input value={form.uid} maxLength={64} required autoComplete="off" spellCheck={false} onChange={set('uid')} /></label>
                : <label>{say('account.asset')} <input value={form.assetId} maxLength={64} autoComplete="off" spellCheck={false} onChange={set('assetId')} /></label>}
              <label>{say('account.release')} <select value={form.release} onChange={event => setForm({ ...form, release: RELEASES.find(r => r === event.target.value) ?? 'none' })}>{RELEASES.map(r => <option key={r} value={r}>{say(`account.release.${r}`)}</option>)}</select></label>
            </>
          )
        : null}
      <button type="submit" disabled={props.isAsking}>{say('account.add')}</button>
    </form>
  )
}
