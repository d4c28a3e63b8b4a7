/** Ages, not spinners: how old a thing is by the station's clock. A page timer only repaints; it decides nothing. */
import { useCallback, useSyncExternalStore, type ReactNode } from 'react'
import type { Instant } from '#shared'
import { usePage, useSpeech } from './page.tsx'

/** A unit that was not heard for longer is shown as stale (design/operator.md 3.1). */
export const STALE_MS = 45_000
const TICK_MS = 250

const fns = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null

/** One timer for every age of the page; it rests while nobody looks. */
function subscribeTick(fn: () => void): () => void {
  fns.add(fn)
  timer ??= setInterval(() => { for (const each of fns) each() }, TICK_MS)
  return () => {
    fns.delete(fn)
    if (fns.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** The station's time in whole seconds; null until it is known. */
export function useNow(): Instant | null {
  const { time } = usePage()
  return useSyncExternalStore(subscribeTick, () => {
    const now = time.now()
    return now === null ? null : Math.floor(now / 1000) * 1000
  })
}

/** Renders again only when the answer changes, not with every second. */
export function useIsOlder(at: Instant | null, ms: number): boolean {
  const { time } = usePage()
  const isOlder = useCallback(() => {
    const now = time.now()
    return at !== null && now !== null && now - at > ms
  }, [time, at, ms])
  return useSyncExternalStore(subscribeTick, isOlder)
}

/** The page's own monotonic time, for silence of the station itself. */
export function useIsSilent(heardAt: number, ms: number): boolean {
  return useSyncExternalStore(subscribeTick, () => performance.now() - heardAt > ms)
}

export function Age(props: { readonly since: Instant | null }): ReactNode {
  const now = useNow()
  const { age } = useSpeech()
  return <span className="age">{props.since === null || now === null ? DASH : age(now - props.since)}</span>
}

export function Countdown(props: { readonly until: Instant | null }): ReactNode {
  const now = useNow()
  const { countdown } = useSpeech()
  return <span className="age">{props.until === null || now === null ? DASH : countdown(props.until - now)}</span>
}

/** Stands where there is nothing to tell; the same in every language. */
export const DASH = '\u2013'
