/** Proves that scans arrive while a Chinese input method is on: it must have had its hand on the keys, and the code must be whole. */
import { useEffect, useRef, type ReactNode } from 'react'
import type { ReadyState } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import { GAP_MS_MAX } from '../../common/scanner.ts'
import { Shape } from '../../common/shapes.tsx'
import { useRawKeys } from './raw-keys.ts'

export function ScannerProof(props: { readonly state: ReadyState; readonly onEnd: (state: 'done' | 'skipped' | 'failed', found: Readonly<Record<string, string | number>>) => void }): ReactNode {
  const { say } = useSpeech()
  const keys = useRawKeys()
  const end = keys.at(-1)?.code
  const isWhole = keys.length > 3 && (end === 'Enter' || end === 'NumpadEnter' || end === 'Tab') && keys.every(k => k.afterMs === null || k.afterMs <= GAP_MS_MAX)
  const hasIme = keys.some(k => k.isSwallowed)
  const { onEnd } = props
  const told = useRef(0)
  const last = keys.at(-1)?.n ?? 0
  useEffect(() => {
    if (!isWhole || !hasIme || told.current === last) return
    told.current = last
    onEnd('done', { ime: 'on', keys: keys.length })
  }, [isWhole, hasIme, last, keys.length, onEnd])
  return (
    <p role="status">
      {isWhole && !hasIme ? <><Shape name="square-pause" /> {say('ready.scanner.no-ime')} <button type="button" onClick={() => onEnd('skipped', { ime: 'none' })}>{say('ready.scanner.none-here')}</button></> : null}
      {!isWhole && keys.length > 3 && (end === 'Enter' || end === 'Tab') ? <><Shape name="triangle-bang" /> {say('ready.scanner.slow')} <button type="button" onClick={() => onEnd('failed', {})}>{say('ready.scanner.bad')}</button></> : null}
    </p>
  )
}
