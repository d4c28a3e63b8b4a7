/**
 * What the scanner really sends: every key as the page hears it, with its physical code, what it writes and how long after the
 * one before. A Chinese input method, a wrong keyboard layout or a missing end shows here at once.
 */
import { useState, type ReactNode } from 'react'
import type { Lamp } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { useSpeech } from '../../common/page.tsx'
import { GAP_MS_MAX } from '../../common/scanner.ts'
import { Shape } from '../../common/shapes.tsx'
import { useRawKeys } from './raw-keys.ts'

/** Keys that tell a scan from a key pressed by the way. */
const TELLING = 4

/** `lamp`: of the scanner in the honesty bar; what is wrong with it, or with the label formats of this bench, stands here in full. */
export function ScannerPage(props: { readonly lamp: Lamp | undefined }): ReactNode {
  const { say, number } = useSpeech()
  const keys = useRawKeys()
  const [testedFrom, setTestedFrom] = useState<number | null>(null)
  const gaps = keys.flatMap(k => k.afterMs === null ? [] : [k.afterMs])
  const slowest = gaps.length === 0 ? null : Math.max(...gaps)
  const end = keys.at(-1)?.code
  const isEnded = end === 'Enter' || end === 'NumpadEnter' || end === 'Tab'
  const isFast = slowest !== null && slowest <= GAP_MS_MAX
  const text = keys.map(k => k.text ?? '').join('')
  const isHeard = testedFrom !== null && keys.some(k => k.n > testedFrom)
  const result = testedFrom === null ? null : !isHeard || keys.length < TELLING ? 'now' : !isFast ? 'slow' : isEnded ? 'well' : 'no-end'
  const checks = [['scan-test.end', isEnded], ['scan-test.fast', isFast], ['scan-test.ime', keys.length > 0 && !keys.some(k => k.isSwallowed)]] as const
  return (
    <div className="panel scan-test">
      <h2>{say('set.scanner')}</h2>
      <p>{say('scan-test.how')}</p>
      {props.lamp?.fault == null ? null : <FaultCard fault={props.lamp.fault} isFull />}
      <p className="acts">
        <button type="button" onClick={() => setTestedFrom(keys.at(-1)?.n ?? 0)}>{say('scan-test.test')}</button>
        {result === null ? null : <span role="status" className={result === 'well' ? 'check-good' : result === 'now' ? undefined : 'check-bad'}><Shape name={result === 'well' ? 'circle-tick' : result === 'now' ? 'ring' : 'triangle-bang'} /> {say(`scan-test.result.${result}`)}</span>}
      </p>
      <p className="scan-test-text" role="status"><bdi><code>{text === '' ? say('scan-test.none') : text}</code></bdi></p>
      <ul className="checks">
        {checks.map(([key, isGood]) => <li key={key} className={keys.length === 0 ? 'check' : isGood ? 'check check-good' : 'check check-bad'}><Shape name={keys.length === 0 ? 'ring' : isGood ? 'circle-tick' : 'triangle-bang'} /> {say(key)}</li>)}
        <li className="check"><Shape name="ring" /> {say('scan-test.slowest', { n: slowest === null ? '–' : number(Math.round(slowest)) })}</li>
      </ul>
      <p className="quiet-word">{say('scan-test.swallowed')} {say('scan-test.nothing')}</p>
      <ol className="raw-keys" aria-label={say('scan-test.keys')}>
        {keys.map(k => <li key={k.n}><code>{k.code === '' ? k.key : k.code}</code> <bdi>{k.text ?? ''}</bdi> <span className="quiet-word">{k.afterMs === null ? '' : number(Math.round(k.afterMs))}</span></li>)}
      </ol>
    </div>
  )
}
