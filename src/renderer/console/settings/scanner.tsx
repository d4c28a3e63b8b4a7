/**
 * What the scanner really sends: every key as the page hears it, with its physical code, what it writes and how long after the
 * one before. A Chinese input method, a wrong keyboard layout or a missing end shows here at once.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { useSpeech } from '../../common/page.tsx'
import { characterOf, GAP_MS_MAX } from '../../common/scanner.ts'
import { Shape } from '../../common/shapes.tsx'

/** Keys that are kept for the look. */
const KEYS_MAX = 120
/** A key after such a pause begins a new code. */
const PAUSE_MS = 500

interface RawKey { readonly n: number; readonly code: string; readonly key: string; readonly text: string | null; readonly afterMs: number | null; readonly isSwallowed: boolean }

export function ScannerPage(): ReactNode {
  const { say, number } = useSpeech()
  const keys = useRawKeys()
  const gaps = keys.flatMap(k => k.afterMs === null ? [] : [k.afterMs])
  const slowest = gaps.length === 0 ? null : Math.max(...gaps)
  const end = keys.at(-1)?.code
  const isEnded = end === 'Enter' || end === 'NumpadEnter' || end === 'Tab'
  const isFast = slowest !== null && slowest <= GAP_MS_MAX
  const text = keys.map(k => k.text ?? '').join('')
  const checks = [['scan-test.end', isEnded], ['scan-test.fast', isFast], ['scan-test.ime', keys.length > 0 && !keys.some(k => k.isSwallowed)]] as const
  return (
    <div className="panel scan-test">
      <h2>{say('set.scanner')}</h2>
      <p>{say('scan-test.how')}</p>
      <p className="scan-test-text" role="status"><bdi><code>{text === '' ? say('scan-test.none') : text}</code></bdi></p>
      <ul className="checks">
        {checks.map(([key, isGood]) => <li key={key} className={keys.length === 0 ? 'check' : isGood ? 'check check-good' : 'check check-bad'}><Shape name={keys.length === 0 ? 'ring' : isGood ? 'circle-tick' : 'triangle-bang'} /> {say(key)}</li>)}
        <li className="check"><Shape name="ring" /> {say('scan-test.slowest', { n: slowest === null ? '–' : number(Math.round(slowest)) })}</li>
      </ul>
      <p className="quiet-word">{say('scan-test.swallowed')}</p>
      <ol className="raw-keys" aria-label={say('scan-test.keys')}>
        {keys.map(k => <li key={k.n}><code>{k.code === '' ? k.key : k.code}</code> <bdi>{k.text ?? ''}</bdi> <span className="quiet-word">{k.afterMs === null ? '' : number(Math.round(k.afterMs))}</span></li>)}
      </ol>
    </div>
  )
}

/** Hears keys before the scan reader does, and leaves them to it. */
function useRawKeys(): readonly RawKey[] {
  const [keys, setKeys] = useState<readonly RawKey[]>([])
  useEffect(() => {
    let lastMs: number | null = null
    let n = 0
    const down = (event: KeyboardEvent): void => {
      if (event.key === 'Shift' || event.key.startsWith('F') && event.key.length > 1) return
      const afterMs = lastMs === null || event.timeStamp - lastMs > PAUSE_MS ? null : event.timeStamp - lastMs
      lastMs = event.timeStamp
      const raw: RawKey = { n: n += 1, code: event.code, key: event.key, text: characterOf(event.code, event.shiftKey), afterMs, isSwallowed: event.key === 'Process' || event.isComposing }
      setKeys(old => afterMs === null ? [raw] : [...old, raw].slice(-KEYS_MAX))
    }
    // On the document's root the capture comes after the window's, which stops what belongs to a scan: so this listens on the window, first.
    window.addEventListener('keydown', down, { capture: true })
    return () => window.removeEventListener('keydown', down, { capture: true })
  }, [])
  return keys
}
