/**
 * The badge and the PIN of a lead, when an act wants them: a panel beside the work, never over it. The badge is scanned,
 * the PIN is typed or touched with gloves on; the operator stays signed in throughout.
 */
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { isEnough, PIN_DIGITS, VENDOR_ROLES, type FaultView, type HereView } from '#shared'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { useLive } from '../common/live.ts'
import { usePage, useSpeech } from '../common/page.tsx'
import type { WantedBadge } from '../common/rights-desk.ts'
import './people.css'

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '', '0'] as const

export function PinPanel(props: { readonly here: HereView }): ReactNode {
  const { rights } = usePage()
  const wanted = useLive(rights)
  return wanted === null ? null : <Panel wanted={wanted} here={props.here} />
}

function Panel(props: { readonly wanted: WantedBadge; readonly here: HereView }): ReactNode {
  const { say, words } = useSpeech()
  const { rights } = usePage()
  const { wanted, here } = props
  const shown = here.raised ?? here.operator
  const who = shown !== null && isEnough(shown.role, wanted.needs) ? shown : null
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      event.stopImmediatePropagation() // Esc only ever goes back one step
      rights.cancel()
    }
    window.addEventListener('keydown', down, { capture: true })
    return () => window.removeEventListener('keydown', down, { capture: true })
  }, [rights])
  return (
    <aside className="unit-card pin-panel" aria-label={say('pin.label')}>
      <header>
        <h2>{say('pin.label')}</h2>
        <button type="button" className="quiet" onClick={() => rights.cancel()}>{say('back')} <kbd>{say('key.back')}</kbd></button>
      </header>
      <FaultCard fault={wanted.fault} />
      {who === null ? <p className="pin-scan" role="status">{say(`pin.scan-${wanted.needs}`)}</p> : (
        <>
          <p className="pin-who"><strong><bdi>{who.name}</bdi></strong> <span>{say(`role.${who.role}`)}</span> <span className="quiet-word">{words(VENDOR_ROLES[who.role])}</span></p>
          <Pad key={who.badge} badge={who.badge} />
        </>
      )}
    </aside>
  )
}

/** What was typed stays here and goes out once. */
function Pad(props: { readonly badge: string }): ReactNode {
  const { say } = useSpeech()
  const { door, rights } = usePage()
  const [pin, setPin] = useState('')
  const [fault, setFault] = useState<FaultView | null>(null)
  const [isAsking, setAsking] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const put = (text: string): void => setPin(text.replaceAll(/\D/g, '').slice(0, PIN_DIGITS.max))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (pin.length < PIN_DIGITS.min || isAsking) return
    setAsking(true)
    door.ask('operator.enter', { badge: props.badge, pin }).then(
      () => rights.again(),
      (thrown: unknown) => {
        setFault(asFault(thrown))
        field.current?.focus()
      }
    ).finally(() => { setAsking(false); setPin('') })
  }
  return (
    <form className="pin-pad" onSubmit={submit}>
      <label htmlFor="pin">{say('pin.pin')}</label>
      <input ref={field} id="pin" type="password" inputMode="numeric" autoComplete="off" maxLength={PIN_DIGITS.max} value={pin} onChange={event => put(event.target.value)} />
      <div className="pin-keys">
        {DIGITS.map(digit => digit === ''
          ? <button key="back" type="button" aria-label={say('pin.back')} onClick={() => put(pin.slice(0, -1))}>{say('pin.back-key')}</button>
          : <button key={digit} type="button" onClick={() => put(pin + digit)}>{digit}</button>)}
        <button type="submit" disabled={pin.length < PIN_DIGITS.min || isAsking}>{say('pin.enter')}</button>
      </div>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </form>
  )
}
