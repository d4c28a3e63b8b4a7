/** The honesty bar: one lamp for each thing the bench stands on, with one word; anything not green names its cause. */
import type { ReactNode } from 'react'
import { FAULTS, type Lamp } from '#shared'
import { useLine, useSpeech } from './page.tsx'
import { LAMP_SHAPE, Shape } from './shapes.tsx'

export function HonestyBar(props: { readonly lamps: readonly Lamp[] }): ReactNode {
  const { say, words, number } = useSpeech()
  const line = useLine()
  return (
    <footer className="honesty">
      <ul aria-label={say('lamps.label')}>
        <li className={`lamp lamp-${line === 'open' ? 'ok' : 'bad'}`}>
          <Shape name={LAMP_SHAPE[line === 'open' ? 'ok' : 'bad']} /> <span className="lamp-name">{say('lamp.station')}</span>
          {' '}<span className="lamp-word">{say(line === 'open' ? 'lamp.state.ok' : 'lamp.state.bad')}</span>
        </li>
        {props.lamps.map(lamp => (
          <li key={lamp.name} className={`lamp lamp-${lamp.state}`} title={lamp.fault ? words(FAULTS[lamp.fault.code].action) : undefined}>
            <Shape name={LAMP_SHAPE[lamp.state]} /> <span className="lamp-name">{say(`lamp.${lamp.name}`)}</span>
            {' '}<span className="lamp-word">{lamp.fault ? words(FAULTS[lamp.fault.code].title) : say(`lamp.state.${lamp.state}`)}</span>
            {lamp.value === null || lamp.state === 'ok' ? null : <span className="lamp-value"> {number(lamp.value)}</span>}
          </li>
        ))}
      </ul>
    </footer>
  )
}
