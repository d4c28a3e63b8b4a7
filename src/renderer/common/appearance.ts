/** Colours and size of a console page, chosen on it and kept with it; as the system says until somebody chooses. Never of the rack display. */
import { useSyncExternalStore } from 'react'

export const APPEARANCE = { themes: ['system', 'light', 'dark', 'contrast'], scales: [100, 110, 125, 150] } as const
export type Theme = (typeof APPEARANCE.themes)[number]
export interface Look { readonly theme: Theme; readonly scale: number }

const KEY = 'unbindery.look'
const AS_IS: Look = { theme: 'system', scale: 100 }
const listeners = new Set<() => void>()
let look: Look = AS_IS

/** Before the page is drawn. */
export function openAppearance(): void {
  look = remembered()
  mark()
}

export function useAppearance(): Look & { readonly choose: (change: Partial<Look>) => void } {
  const now = useSyncExternalStore(subscribe, () => look)
  return { ...now, choose }
}

function choose(change: Partial<Look>): void {
  look = { ...look, ...change }
  try { localStorage.setItem(KEY, JSON.stringify(look)) } catch { /* a page without storage forgets, that is all */ }
  mark()
  for (const fn of listeners) fn()
}

function subscribe(fn: () => void): () => void {
  listeners.add(fn)
  return () => { listeners.delete(fn) }
}

function remembered(): Look {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '')
    if (typeof kept !== 'object' || kept === null) return AS_IS
    const { theme, scale }: { theme?: unknown; scale?: unknown } = kept
    return { theme: APPEARANCE.themes.find(t => t === theme) ?? 'system', scale: APPEARANCE.scales.find(s => s === scale) ?? 100 }
  } catch {
    return AS_IS
  }
}

/** Attributes, so that a style sheet decides; the content policy allows no inline style. */
function mark(): void {
  const { dataset } = document.documentElement
  dataset['look'] = look.theme
  dataset['scale'] = String(look.scale)
}
