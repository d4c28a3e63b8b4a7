/**
 * Codes of the vendor's own app: who allowed them, whose they are, and the ways in beside the scanner: the code's text, or a
 * picture of it (relay-picture.tsx). What is put in is never shown again.
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import type { RelayView } from '#shared'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { RelayPicture } from './relay-picture.tsx'
import { useCommand, type Command } from './use-command.ts'
import { useView } from './use-view.ts'

const LOOK_MS = 2000
/** As in the door table. */
const CODE_CHARS_MAX = 512

/** Nothing where no account relays codes. */
export function Relay(): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { value } = useView('relay.view', {}, LOOK_MS)
  const command = useCommand()
  if (value === null || value.accounts.length === 0) return null
  const { consent, isNextNeeded } = value
  return (
    <section className="panel relay" aria-label={say('relay.label')}>
      <h2>{say('relay.label')}</h2>
      {isNextNeeded ? <p className="warning">{say('relay.next')}</p> : null}
      {consent === null ? <p>{say('relay.off')}</p> : <Codes view={value} isAsking={command.isAsking} run={command.run} />}
      <Consent view={value} isAsking={command.isAsking} onSay={isAllowed => command.run(door.ask('relay.allow', { isAllowed }))} />
      {command.fault === null ? null : <FaultCard fault={command.fault} isFull />}
    </section>
  )
}

function Consent(props: { readonly view: RelayView; readonly isAsking: boolean; readonly onSay: (isAllowed: boolean) => void }): ReactNode {
  const { say, dateTime } = useSpeech()
  const { consent } = props.view
  return (
    <p className="acts">
      {consent === null ? null : <span className="quiet-word">{say('relay.allowed', { by: consent.by, at: dateTime(consent.at) })}</span>}
      <button type="button" disabled={props.isAsking} onClick={() => props.onSay(consent === null)}>{say(consent === null ? 'relay.allow' : 'relay.forbid')}</button>
    </p>
  )
}

function Codes(props: { readonly view: RelayView; readonly isAsking: boolean; readonly run: Command['run'] }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { view, isAsking, run } = props
  const [text, setText] = useState('')
  const offer = (code: string): void => run(door.ask('scan', { text: code }), () => setText(''))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    offer(text.trim())
  }
  return (
    <>
      <p className="acts">
        <label>{say('relay.account')} <select value={view.stated ?? ''} disabled={isAsking} onChange={event => run(door.ask('relay.state', { account: event.target.value === '' ? null : event.target.value }))}>
          <option value="">{say('relay.any')}</option>
          {view.accounts.map(a => <option key={a.id} value={a.id}>{a.id} ({a.region})</option>)}
        </select></label>
        {view.waiting === null ? null : <span className="quiet-word">{say('relay.waiting', { account: view.waiting.account, seconds: Math.floor(view.waiting.leftMs / 1000) })}</span>}
      </p>
      <form className="acts" onSubmit={submit}>
        <label>{say('relay.text')} <input type="password" value={text} maxLength={CODE_CHARS_MAX} autoComplete="off" onChange={event => setText(event.target.value)} /></label>
        <button type="submit" disabled={isAsking || text.trim() === ''}>{say('relay.take')}</button>
      </form>
      <RelayPicture isAsking={isAsking} run={run} />
    </>
  )
}
