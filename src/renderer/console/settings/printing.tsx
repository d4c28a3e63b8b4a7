/** Printing: how the label printer is, a test label, the same label at its true size as a file, and the decks of cards. */
import { useState, type ReactNode } from 'react'
import { CARD_NAMES_MAX, DECKS, type Deck, type PrinterView } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { PaperButton } from '../paper.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'

const LOOK_MS = 2_000
/** As in the door table. */
const NAME_CHARS_MAX = 60

export function PrintingPage(): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('printer.view', {}, LOOK_MS)
  return (
    <div className="panel printing">
      <h2>{say('set.printing')}</h2>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {value === null ? null : <Printer view={value} />}
      <Cards />
    </div>
  )
}

function Printer(props: { readonly view: PrinterView }): ReactNode {
  const { say, number } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const [sentBefore, setSentBefore] = useState<number | null>(null)
  const { view } = props
  const isSet = view.address !== ''
  const rows = [['printing.address', isSet ? view.address : say('printing.none')], ['printing.size', `${number(view.widthMm)} × ${number(view.heightMm)} mm, ${number(view.dpi)} dpi`], ['printing.waiting', number(view.waiting)], ['printing.sent', number(view.sent)]] as const
  return (
    <>
      <dl className="rows">{rows.map(([key, text]) => <div key={key}><dt>{say(key)}</dt><dd><bdi>{text}</bdi></dd></div>)}</dl>
      {view.fault === null ? <p className={isSet ? 'check-good' : 'quiet-word'}><Shape name={isSet ? 'circle-tick' : 'dash'} /> {say(isSet ? 'printing.well' : 'printing.files')}</p> : <FaultCard fault={view.fault} isFull />}
      <p className="acts">
        <button type="button" disabled={isAsking || !isSet} onClick={() => run(door.ask('printer.test', {}), () => setSentBefore(view.sent))}>{say('printing.test')}</button>
        <PaperButton word="printing.sample" make={() => door.ask('printer.sample', {})} />
        {sentBefore === null ? null : <span role="status">{say(view.sent > sentBefore ? 'printing.tested' : 'printing.testing')}</span>}
      </p>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </>
  )
}

function Cards(): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [what, setWhat] = useState<Deck>('commands')
  const [typed, setTyped] = useState('')
  const isNamed = what === 'badges' || what === 'totes'
  const names = isNamed ? [...new Set(typed.split('\n').map(line => line.trim().slice(0, NAME_CHARS_MAX)).filter(line => line !== ''))].slice(0, CARD_NAMES_MAX) : []
  return (
    <fieldset className="cards">
      <legend>{say('cards.label')}</legend>
      <label>{say('cards.what')} <select value={what} onChange={event => setWhat(DECKS.find(d => d === event.target.value) ?? 'commands')}>{DECKS.map(d => <option key={d} value={d}>{say(`cards.${d}`)}</option>)}</select></label>
      {isNamed ? <label>{say('cards.names')} <textarea rows={3} value={typed} maxLength={NAME_CHARS_MAX * CARD_NAMES_MAX} spellCheck={false} onChange={event => setTyped(event.target.value)} /></label> : null}
      <PaperButton key={what} word="cards.make" isIdle={isNamed && names.length === 0} make={() => door.ask('cards.paper', { what, ...isNamed ? { names } : {} })} />
    </fieldset>
  )
}
