/** The row of keys: each act by key, by touch on the row, and by the card of the same name. Esc only ever goes back. */
import { useEffect, useRef, type ReactNode } from 'react'
import { KEYS, SCREEN_CARDS, type CallView, type KeyCard, type ScanView, type ScreenCard } from '#shared'
import { Age } from '../common/age.tsx'
import { useSpeech } from '../common/page.tsx'

export type Obey = (card: KeyCard | ScreenCard) => void

/** F1 to F12 and Esc, wherever the focus is. */
export function useKeys(obey: Obey): void {
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return
      const card = event.key === 'Escape' ? 'BACK' as const : KEYS.find(k => k.key === event.key)?.card
      if (card === undefined) return
      event.preventDefault()
      obey(card)
    }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  })
}

/** A card that concerns the screen is obeyed by it, whichever scanner read it; one that was there before the page came is not. */
export function useScannedCards(scan: ScanView | null, obey: Obey): void {
  const at = scan?.at ?? 0
  const seen = useRef(at)
  const act = useRef(obey)
  useEffect(() => { act.current = obey })
  useEffect(() => {
    if (at <= seen.current) return
    seen.current = at
    const card = SCREEN_CARDS.find(c => scan?.fault === null && scan.text.toUpperCase() === `CM:${c}`)
    if (card !== undefined) act.current(card)
  }, [at, scan])
}

interface KeyRowProps { readonly obey: Obey; readonly call: CallView | null; readonly pressed: readonly KeyCard[]; readonly idle: readonly KeyCard[] }

/** `pressed`: what is on now. `idle`: keys that have nothing to act on. */
export function KeyRow(props: KeyRowProps): ReactNode {
  const { say } = useSpeech()
  return (
    <nav aria-label={say('keys.label')}><ul className="key-row">
      {KEYS.map(({ key, card }) => {
        const isLead = card === 'LEAD' && props.call !== null
        return (
          <li key={key}>
            <button
              type="button" className={isLead ? 'key key-called' : 'key'} disabled={props.idle.includes(card)} aria-keyshortcuts={key}
              aria-pressed={card === 'LEAD' ? isLead : props.pressed.includes(card) ? true : undefined} onClick={() => props.obey(card)}
            >
              <kbd>{key}</kbd> <span className="key-word">{isLead ? <>{say('keys.called')} <Age since={props.call?.at ?? null} /></> : say(`keys.${card}`)}</span>
            </button>
          </li>
        )
      })}
    </ul></nav>
  )
}
