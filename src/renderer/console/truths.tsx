/** Reset done, unbind asked, unbind proven: three different truths, each with its own time or a dash. Never one word. */
import type { ReactNode } from 'react'
import type { Pips, UnitView } from '#shared'
import { DASH } from '../common/age.tsx'
import { useSpeech } from '../common/page.tsx'
import { PIP_SHAPE, Shape } from '../common/shapes.tsx'

export function Truths(props: { readonly unit: UnitView; readonly isShort?: boolean }): ReactNode {
  const { say, clock } = useSpeech()
  const { unit } = props
  const rows = [['reset', unit.resetDoneAt], ['asked', unit.askedAt], ['proven', unit.provenAt]] as const
  return (
    <dl className="truths">
      {rows.map(([name, at]) => (
        <div key={name} className={at === null ? 'truth' : 'truth truth-known'}>
          <dt>{props.isShort === true ? <abbr title={say(`truth.${name}`)}>{say(`truth.short.${name}`)}</abbr> : say(`truth.${name}`)}</dt>
          <dd>{at === null ? DASH : clock(at)}</dd>
        </div>
      ))}
    </dl>
  )
}

const PIPS = ['link', 'lease', 'announcement', 'cloud'] as const satisfies readonly (keyof Pips)[]

/** Which signs of life were seen: hollow never, full now, crossed gone. */
export function PipRow(props: { readonly pips: Pips }): ReactNode {
  const { say } = useSpeech()
  return (
    <ul className="pips">
      {PIPS.map(name => (
        <li key={name} className={`pip pip-${props.pips[name]}`} aria-label={say('pip.is', { name: say(`pip.${name}`), state: say(`pip.state.${props.pips[name]}`) })}>
          <Shape name={PIP_SHAPE[props.pips[name]]} /> <span aria-hidden="true">{say(`pip.${name}`)}</span>
        </li>
      ))}
    </ul>
  )
}
