/** A lead at the console of a lane. What the unit says is drawn as it comes; what is typed goes out as it is typed, and both are kept with the unit. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { TERMINAL_BAUDS, type FaultView, type TerminalView } from '#shared'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { openScreen } from './terminal-screen.ts'
import './ports.css'

/** As in the door table. */
const TYPED_CHARS_MAX = 4096

export function TerminalPanel(props: { readonly lane: number; readonly onClose: () => void }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [view, setView] = useState<TerminalView | null>(null)
  const [baud, setBaud] = useState<number>(115_200)
  const [fault, setFault] = useState<FaultView | null>(null)
  const { lane, onClose } = props
  const panel = useRef<HTMLElement>(null)
  const isOpen = view !== null
  useEffect(() => { panel.current?.scrollIntoView({ block: isOpen ? 'start' : 'nearest' }) }, [isOpen]) // a browser may answer it with a promise, which is no way to clean up
  const run = (asked: Promise<unknown>): void => { asked.then(() => setFault(null), (thrown: unknown) => setFault(asFault(thrown))) }
  const open = (): void => run(door.ask('terminal.open', { lane, baud }).then(setView))
  const close = (): void => {
    if (view !== null) run(door.ask('terminal.close', { session: view.session }))
    setView(null)
  }
  return (
    <section className="terminal" ref={panel} aria-label={say('terminal.label', { lane })}>
      <header>
        <h3>{say('terminal.label', { lane })}</h3>
        {view === null ? (
          <>
            <label>{say('terminal.baud')} <select value={baud} onChange={event => setBaud(Number(event.target.value))}>{TERMINAL_BAUDS.map(b => <option key={b} value={b}>{b}</option>)}</select></label>
            <button type="button" onClick={open}>{say('terminal.open')}</button>
            <button type="button" className="quiet" onClick={onClose}>{say('back')}</button>
          </>
        ) : <button type="button" onClick={close}>{say('terminal.close')}</button>}
      </header>
      <p className="quiet-word">{say('terminal.rule')}</p>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {view === null ? null : <Screen key={view.session} view={view} onOver={() => setView(null)} onFault={setFault} />}
    </section>
  )
}

function Screen(props: { readonly view: TerminalView; readonly onOver: () => void; readonly onFault: (fault: FaultView | null) => void }): ReactNode {
  const { door } = usePage()
  const place = useRef<HTMLDivElement>(null)
  const { view, onOver, onFault } = props
  const told = useRef({ onOver, onFault })
  useEffect(() => { told.current = { onOver, onFault } })
  useEffect(() => {
    if (place.current === null) return undefined
    const type = (text: string): void => {
      for (let i = 0; i < text.length; i += TYPED_CHARS_MAX) {
        door.ask('terminal.type', { session: view.session, text: text.slice(i, i + TYPED_CHARS_MAX) }).then(() => told.current.onFault(null), (thrown: unknown) => told.current.onFault(asFault(thrown)))
      }
    }
    const own = place.current
    own.addEventListener('keydown', event => event.stopPropagation()) // F1 and Esc are the unit's here
    const screen = openScreen(own, type, () => own.closest('section')?.querySelector('button')?.focus())
    let upto = 0
    const show = (from: number, text: string): void => {
      screen.write(Uint8Array.from(text.slice(Math.max(0, upto - from)), c => c.charCodeAt(0)))
      upto = from + text.length
    }
    const look = (now: TerminalView | null): void => {
      if (now?.session !== view.session) return
      screen.clear()
      upto = now.from
      show(now.from, now.text)
    }
    look(view)
    const stop = door.on('terminal.heard', heard => {
      if (heard.session !== view.session) return
      if (heard.from > upto) door.ask('terminal.view', { lane: view.lane }).then(look, () => undefined) // something was missed; the next word asks again
      else show(heard.from, heard.text)
      if (heard.isOver) told.current.onOver()
    })
    screen.focus()
    return () => {
      stop()
      screen[Symbol.dispose]()
    }
  }, [door, view])
  return <div ref={place} className="terminal-screen" />
}
