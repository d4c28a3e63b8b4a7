/** F1: help for what is on the screen now. What the page is for, what is not well and what to do, the keys and their cards. */
import type { ReactNode } from 'react'
import { KEYLESS_CARDS, KEYS, type BenchView } from '#shared'
import { DASH } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { troubles } from '../common/lamps.tsx'
import { useSpeech } from '../common/page.tsx'
import type { Tab } from './header.tsx'

const LINES = ['one', 'two', 'three'] as const

export function Help(props: { readonly tab: Tab; readonly bench: BenchView; readonly onClose: () => void; readonly onWhy: () => void }): ReactNode {
  const { say } = useSpeech()
  const causes = troubles(props.bench.lamps)
  return (
    <aside className="unit-card help" aria-label={say('help.label')}>
      <header>
        <h2>{say('help.label')}: {say(`tab.${props.tab}`)}</h2>
        <button type="button" className="quiet" onClick={props.onClose}>{say('back')} <kbd>{say('key.back')}</kbd></button>
      </header>
      <ul className="help-lines">{LINES.map(line => <li key={line}>{say(`help.${props.tab}.${line}`)}</li>)}</ul>
      {causes.map(lamp => lamp.fault === null ? null : (
        <div key={lamp.name} className="help-cause"><p className="quiet-word">{say(`lamp.${lamp.name}`)}</p><FaultCard fault={lamp.fault} isFull /></div>
      ))}
      <p className="acts"><button type="button" onClick={props.onWhy}>{say('help.why')}</button></p>
      <table className="help-keys">
        <caption>{say('help.keys')}</caption>
        <thead><tr><th scope="col">{say('help.key')}</th><th scope="col">{say('help.card')}</th><th scope="col">{say('help.does')}</th></tr></thead>
        <tbody>
          {KEYS.map(({ key, card }) => <tr key={key}><td><kbd>{key}</kbd></td><td><code>{`CM:${card}`}</code></td><td>{say(`keys.does.${card}`)}</td></tr>)}
          {KEYLESS_CARDS.map(card => <tr key={card}><td>{card === 'BACK' ? <kbd>{say('key.back')}</kbd> : DASH}</td><td><code>{`CM:${card}`}</code></td><td>{say(`cards.does.${card}`)}</td></tr>)}
        </tbody>
      </table>
    </aside>
  )
}
