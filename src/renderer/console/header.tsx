/** The head of every page: training, rack, pages, who works here, the station's time, language. */
import { useState, type ReactNode } from 'react'
import type { BenchView } from '#shared'
import { useNow } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { LanguageButton, TrainingWord, usePage, useSpeech } from '../common/page.tsx'
import type { Scans } from './scans.ts'
import { Who } from './who.tsx'

/** Training has one more than the live bench. */
export const TABS = ['bench', 'wave', 'network', 'supervisor', 'settings', 'training'] as const
export type Tab = (typeof TABS)[number]

export function Header(props: Pick<BenchView, 'mode' | 'rack' | 'here'> & Pick<Scans, 'send'> & { readonly rate: number; readonly tab: Tab; readonly onTab: (tab: Tab) => void }): ReactNode {
  const { say, clock } = useSpeech()
  const now = useNow()
  const { mode, rack, here, rate, send } = props
  return (
    <header className="header">
      <TrainingWord mode={mode} />
      {mode === 'training' ? <PaceButton rate={rate} /> : null}
      <h1 className="station"><bdi>{rack}</bdi></h1>
      <nav className="tabs" aria-label={say('tab.label')}>
        {TABS.filter(tab => tab !== 'training' || mode === 'training').map(tab => (
          <button key={tab} type="button" aria-current={tab === props.tab ? 'page' : undefined} onClick={() => props.onTab(tab)}>{say(`tab.${tab}`)}</button>
        ))}
      </nav>
      <Who here={here} send={send} />
      <p className="clock">{now === null ? null : clock(now)}</p>
      <LanguageButton />
    </header>
  )
}

/** How fast the virtual bench lives; the station's clock tells the pace that is on. */
function PaceButton(props: { readonly rate: number }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [fault, setFault] = useState<string | null>(null)
  const next = props.rate === 1 ? 20 : 1
  const change = (): void => { door.ask('training.pace', { rate: next }).then(() => setFault(null), (thrown: unknown) => setFault(asFault(thrown).code)) }
  return <button type="button" className="pace" aria-label={say('training.pace', { now: props.rate, n: next })} title={fault ?? say('training.pace', { now: props.rate, n: next })} onClick={change}>{say('training.rate', { n: props.rate })}</button>
}
