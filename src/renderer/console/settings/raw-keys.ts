/** The keys of a scanner as they come, one by one: physical code, what it writes, how long after the one before, and whether an input method had it. */
import { useEffect, useState } from 'react'
import { characterOf, hearRawKeys } from '../../common/scanner.ts'

/** Keys that are kept for the look. */
const KEYS_MAX = 120
/** A key after such a pause begins a new code. */
const PAUSE_MS = 500

export interface RawKey { readonly n: number; readonly code: string; readonly key: string; readonly text: string | null; readonly afterMs: number | null; readonly isSwallowed: boolean }

/** Hears keys before the scan reader does, and leaves them to it. */
export function useRawKeys(): readonly RawKey[] {
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
    return hearRawKeys(down)
  }, [])
  return keys
}
