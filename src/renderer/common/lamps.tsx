/**
 * The honesty bar: one lamp for each thing the bench stands on, one word each. Under it, in a line that is always there,
 * anything that is not well names its cause and the key that helps.
 */
import type { ReactNode } from 'react'
import { FAULTS, type KeyName, type Lamp, type LampName } from '#shared'
import { Age } from './age.tsx'
import { useLine, useSpeech } from './page.tsx'
import { LAMP_SHAPE, Shape } from './shapes.tsx'

/** The key that helps with this lamp; this one says all that is known. */
const HELP: KeyName = 'F1'
const KEY_OF: Partial<Record<LampName, KeyName>> = { cloud: 'F5', display: 'F4', scanner: 'F2' }
/** A scanner that works and a file with mistakes: typing would not help. */
const keyOf = ({ name, fault }: Lamp): KeyName => fault?.code === 'label.bad-formats' ? HELP : KEY_OF[name] ?? HELP
/** Causes that have room side by side; the rest is counted, and F1 lists them. */
const CAUSES_MAX = 3
const RANK = { bad: 0, warn: 1, off: 2, ok: 3 } as const satisfies Record<Lamp['state'], number>

/** What is not well, worst first. A lamp that is off has no cause: nobody set it up. */
export function troubles(lamps: readonly Lamp[]): readonly Lamp[] {
  return lamps.filter(lamp => lamp.state === 'bad' || lamp.state === 'warn').toSorted((a, b) => RANK[a.state] - RANK[b.state])
}

export function HonestyBar(props: { readonly lamps: readonly Lamp[]; /** What else is not well, as the page says it. */ readonly more?: ReactNode }): ReactNode {
  const { say } = useSpeech()
  const line = useLine()
  const causes = troubles(props.lamps)
  const more = causes.length - CAUSES_MAX
  return (
    <footer className="honesty">
      <ul className="lamps" aria-label={say('lamps.label')}>
        <li className={`lamp lamp-${line === 'open' ? 'ok' : 'bad'}`}>
          <Shape name={LAMP_SHAPE[line === 'open' ? 'ok' : 'bad']} /> <span className="lamp-name">{say('lamp.station')}</span>
          {' '}<span className="lamp-word">{say(line === 'open' ? 'lamp.state.ok' : 'lamp.state.bad')}</span>
        </li>
        {props.lamps.map(lamp => (
          <li key={lamp.name} className={`lamp lamp-${lamp.state}`}>
            <Shape name={LAMP_SHAPE[lamp.state]} /> <span className="lamp-name">{say(`lamp.${lamp.name}`)}</span>
            {' '}<span className="lamp-word">{lamp.since == null ? say(`lamp.state.${lamp.state}`) : <Age since={lamp.since} />}</span>
          </li>
        ))}
      </ul>
      <ul className="causes" aria-label={say('lamps.causes')}>
        {causes.length === 0 && props.more == null ? <li className="quiet-word">{say('lamps.well')}</li> : null}
        {causes.slice(0, CAUSES_MAX).map(lamp => (
          <li key={lamp.name} className={`cause lamp-${lamp.state}`}>
            <span className="lamp-name">{say(`lamp.${lamp.name}`)}</span>{' '}
            <span className="cause-word">{lamp.fault ? <Cause lamp={lamp} /> : say(`lamp.state.${lamp.state}`)}</span>{' '}<kbd>{keyOf(lamp)}</kbd>
          </li>
        ))}
        {props.more}
        {more > 0 ? <li className="cause-more">{say('quota.more', { n: more })} <kbd>{HELP}</kbd></li> : null}
      </ul>
    </footer>
  )
}

function Cause(props: { readonly lamp: Lamp }): ReactNode {
  const { words } = useSpeech()
  return props.lamp.fault === null ? null : words(FAULTS[props.lamp.fault.code].title)
}
