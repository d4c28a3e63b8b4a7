/** What both pages stand on: door, station time, language, the training frame and the notice of a lost line. */
import { createContext, useCallback, useContext, useSyncExternalStore, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { LANGUAGES, type Mode } from '#shared'
import { openAppearance } from './appearance.ts'
import { openDoor, type Line, type StationDoor } from './bridge.ts'
import { LanguageChoice, type Speech } from './language.ts'
import { StationTime, useLive } from './live.ts'
import { RightsDesk } from './rights-desk.ts'

export interface Page { readonly door: StationDoor; /** What waits for a badge with more say. */ readonly rights: RightsDesk; readonly time: StationTime; readonly choice: LanguageChoice }

const PageContext = createContext<Page | null>(null)

export function mount(pageName: 'console' | 'display', make: (page: Page) => ReactNode): void {
  if (pageName === 'console') openAppearance()
  const page = openPage(pageName)
  const place = document.getElementById('page')
  if (place) createRoot(place).render(<PageContext value={page}>{make(page)}</PageContext>)
}

function openPage(pageName: string): Page {
  const rights = new RightsDesk(openDoor(window))
  return { door: rights.door, rights, time: new StationTime(), choice: new LanguageChoice(window, pageName) }
}

export function usePage(): Page {
  const page = useContext(PageContext)
  if (page === null) throw new Error('a screen part was drawn outside its page')
  return page
}

export function useSpeech(): Speech {
  return useLive(usePage().choice)
}

export function useLine(): Line {
  const { door } = usePage()
  const subscribe = useCallback((fn: () => void) => door.onLine(fn), [door])
  return useSyncExternalStore(subscribe, () => door.line)
}

/** Training can never be mistaken for the real bench: a frame round every page, and the word in a place of its own. */
export function TrainingFrame(props: { readonly mode: Mode | undefined }): ReactNode {
  return props.mode === 'training' ? <div className="training" aria-hidden="true" /> : null
}

export function TrainingWord(props: { readonly mode: Mode | undefined }): ReactNode {
  const { say } = useSpeech()
  return props.mode === 'training' ? <span className="training-word" role="note">{say('training.mark')}</span> : null
}

/** Says that what is on the page may be old; empty while the line is good. */
export function LineNotice(): ReactNode {
  const line = useLine()
  const { say } = useSpeech()
  if (line === 'open') return null
  return <p className="line-notice" role="status">{say(`line.${line}`)}</p>
}

export function LanguageButton(): ReactNode {
  const { choice } = usePage()
  const { language, say } = useSpeech()
  const other = LANGUAGES.find(l => l !== language) ?? language
  return <button type="button" className="quiet" aria-label={say('language.other')} onClick={() => choice.choose(other)}>{say('language.other')}</button>
}
