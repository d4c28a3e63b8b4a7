/** A view that is asked for when it is looked at, and again when the line came back; the newest question wins. */
import { useEffect, useState } from 'react'
import type { DoorName, DoorParams, DoorResult, FaultView } from '#shared'
import { asFault } from '../common/bridge.ts'
import { useLine, usePage } from '../common/page.tsx'

export interface Looked<N extends DoorName> { readonly value: DoorResult<N> | null; readonly fault: FaultView | null }

/** `everyMs`: null for once. An old value stays until the new one is there. */
export function useView<N extends DoorName>(name: N, params: DoorParams<N>, everyMs: number | null): Looked<N> {
  const { door } = usePage()
  const line = useLine()
  const [looked, setLooked] = useState<Looked<N>>({ value: null, fault: null })
  const text = JSON.stringify(params)
  useEffect(() => {
    if (line === 'no-key') return undefined
    let isOver = false
    const look = (): void => {
      door.ask(name, JSON.parse(text) as DoorParams<N>).then( // the same value as just put into the text
        value => { if (!isOver) setLooked({ value, fault: null }) },
        (thrown: unknown) => { if (!isOver) setLooked(old => ({ ...old, fault: asFault(thrown) })) }
      )
    }
    look()
    const timer = everyMs === null ? null : setInterval(look, everyMs)
    return () => {
      isOver = true
      if (timer !== null) clearInterval(timer)
    }
  }, [door, name, text, everyMs, line])
  return looked
}
