/** The operator's console: the last verdict on the left, always; bench, network or history on the right; lamps below. */
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { BenchView, UnitId } from '#shared'
import { useNow } from '../common/age.tsx'
import { asFault, keyOfPage } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { HonestyBar } from '../common/lamps.tsx'
import { BenchLive, useLive } from '../common/live.ts'
import { LanguageButton, LineNotice, mount, TrainingFrame, TrainingWord, useLine, usePage, useSpeech, type Page } from '../common/page.tsx'
import { Figures } from './figures.tsx'
import { HistoryPage } from './history.tsx'
import { Lanes } from './lanes.tsx'
import { LooseUnits } from './loose-units.tsx'
import { NetworkPage } from './network.tsx'
import { Now, useScans, type ScanNote } from './now.tsx'
import { SettingsPage } from './settings.tsx'
import { UnitCard } from './unit-card.tsx'
import { WavePage } from './wave-page.tsx'
import { WavePanel } from './wave.tsx'
import { WhyPanel, type WhyQuestion } from './why.tsx'
import '../common/theme.css'
import './console.css'

const TABS = ['bench', 'wave', 'network', 'history', 'settings'] as const
type Tab = (typeof TABS)[number]

function App(props: { readonly live: BenchLive }): ReactNode {
  const { bench, fault } = useLive(props.live)
  const [tab, setTab] = useState<Tab>('bench')
  const [typing, setTyping] = useState(false)
  const [chosen, setChosen] = useState<UnitId | null>(null)
  const [past, setPast] = useState<UnitId | null>(null)
  const scans = useScans()
  useKeys({ onType: () => setTyping(true), onFind: () => setTab('history'), onBack: () => { setTyping(false); setChosen(null) } })

  if (bench === null) return <Empty fault={fault} />
  const showHistory = (unit: UnitId): void => { setPast(unit); setChosen(null); setTab('history') }
  return (
    <div className={`console console-${bench.mode}`}>
      <Header bench={bench} tab={tab} onTab={setTab} />
      <Figures bench={bench} />
      <LineNotice />
      <main className="middle">
        <Now verdict={bench.verdict} scan={bench.scan} scans={scans} isTyping={typing} onType={setTyping} />
        {tab === 'bench' ? <Bench bench={bench} chosen={chosen} onChoose={setChosen} onHistory={showHistory} note={scans.note} /> : null}
        {tab === 'wave' ? <WavePage bench={bench} /> : null}
        {tab === 'network' ? <NetworkPage /> : null}
        {tab === 'history' ? <HistoryPage unit={past} onUnit={setPast} /> : null}
        {tab === 'settings' ? <SettingsPage /> : null}
      </main>
      <HonestyBar lamps={bench.lamps} />
      <TrainingFrame mode={bench.mode} />
    </div>
  )
}

interface BenchProps { readonly bench: BenchView; readonly chosen: UnitId | null; readonly onChoose: (unit: UnitId | null) => void; readonly onHistory: (unit: UnitId) => void; readonly note: ScanNote | null }

function Bench(props: BenchProps): ReactNode {
  const { say } = useSpeech()
  const { bench, chosen, onChoose } = props
  const unit = bench.units.find(u => u.uid === chosen) ?? null
  const [why, setWhy] = useState<WhyQuestion | null>(null)
  const askWhy = useCallback((lane: number) => setWhy({ lane }), [])
  const closeWhy = useCallback(() => setWhy(null), [])
  return (
    <section className="bench" aria-label={say('tab.bench')}>
      <Lanes lanes={bench.lanes} units={bench.units} onChoose={onChoose} onWhy={askWhy} />
      <div className="bench-below">
        <WavePanel bench={bench} />
        <LooseUnits units={bench.units} lanes={bench.lanes} onChoose={onChoose} />
      </div>
      {unit === null ? null : <UnitCard unit={unit} onClose={() => onChoose(null)} onHistory={() => props.onHistory(unit.uid)} onWhy={() => setWhy({ unit: unit.uid })} />}
      {why === null ? null : <WhyPanel question={why} onClose={closeWhy} />}
    </section>
  )
}

function Header(props: { readonly bench: BenchView; readonly tab: Tab; readonly onTab: (tab: Tab) => void }): ReactNode {
  const { say, clock } = useSpeech()
  const now = useNow()
  const { bench } = props
  const key = keyOfPage(window)
  return (
    <header className="header">
      <TrainingWord mode={bench.mode} />
      {bench.mode === 'training' ? <PaceButton rate={bench.clock.rate} /> : null}
      <h1 className="station"><bdi>{bench.rack}</bdi></h1>
      <nav className="tabs" aria-label={say('tab.label')}>
        {TABS.map(tab => (
          <button key={tab} type="button" aria-current={tab === props.tab ? 'page' : undefined} onClick={() => props.onTab(tab)}>{say(`tab.${tab}`)}</button>
        ))}
      </nav>
      {key === null ? null : <a className="rack-link" href={`display.html#key=${key}`} target="_blank" rel="noreferrer">{say('tab.display')}</a>}
      <p className="who"><span className="quiet-word">{say('operator')}</span> <bdi>{bench.operator ?? say('operator.nobody')}</bdi></p>
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
  return <button type="button" className="pace" aria-label={say('training.pace', { n: next })} title={fault ?? say('training.pace', { n: next })} onClick={change}>{say('training.rate', { n: props.rate })}</button>
}

function Empty(props: { readonly fault: BenchNowFault }): ReactNode {
  const line = useLine()
  const { say } = useSpeech()
  return (
    <main className="empty">
      <p className="empty-word">{say(`line.${line}`)}</p>
      {props.fault === null ? null : <FaultCard fault={props.fault} isFull />}
      <LanguageButton />
    </main>
  )
}
type BenchNowFault = ReturnType<BenchLive['snapshot']>['fault']

/** F2 types a code, F3 finds a unit, Esc only ever goes back (design/operator.md 5.1). */
function useKeys(o: { onType: () => void; onFind: () => void; onBack: () => void }): void {
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      const act = { F2: o.onType, F3: o.onFind, Escape: o.onBack }[event.key]
      if (act === undefined || event.ctrlKey || event.altKey || event.metaKey) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  })
}

function makeConsole(page: Page): ReactNode {
  return <App live={new BenchLive(page.door, page.time)} />
}

mount('console', makeConsole)
