/** The operator's console: the last scan or verdict on the left, always; a page on the right; keys and lamps below. */
import { lazy, memo, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { seconds, type BenchView, type KeyCard, type UnitId } from '#shared'
import { useIsSilent } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { HonestyBar } from '../common/lamps.tsx'
import { BenchLive, useLive } from '../common/live.ts'
import { LanguageButton, LineNotice, mount, TrainingFrame, useLine, usePage, useSpeech, type Page } from '../common/page.tsx'
import { Sounds } from '../common/sounds.ts'
import { Figures } from './figures.tsx'
import { Header, type Tab } from './header.tsx'
import { useSounds } from './hear.ts'
import { Help } from './help.tsx'
import { KeyRow, useKeys, useScannedCards, type Obey } from './keys.tsx'
import { Lanes } from './lanes.tsx'
import { later, whenIdle } from './later.ts'
import { LooseUnits } from './loose-units.tsx'
import { Now, useScans } from './now.tsx'
import type { Scans } from './scans.ts'
import { useCheckCause } from './check-cause.tsx'
import { PinPanel } from './pin-pad.tsx'
import { useRackWindow } from './rack-window.ts'
import type { SupervisorTab } from './supervisor/tabs.ts'
import { UnitCard } from './unit-card.tsx'
import { WavePage } from './wave-page.tsx'
import { WavePanel } from './wave.tsx'
import { WhyPanel, type WhyQuestion } from './why.tsx'
import '../common/theme.css'
import './console.css'
import './print.css'

// What an operator does not need at once comes when it is asked for.
const network = later(async () => (await import('./network.tsx')).NetworkPage)
const supervisor = later(async () => (await import('./supervisor/supervisor.tsx')).SupervisorPage)
const ExerciseStrip = lazy(async () => ({ default: (await import('./training/strip.tsx')).ExerciseStrip }))
const TrainingPage = lazy(async () => ({ default: (await import('./training/training.tsx')).TrainingPage }))
const SettingsPage = lazy(async () => ({ default: (await import('./settings/settings.tsx')).SettingsPage }))

// Drawn again only when what they show has changed: a scan is to be in the banner within a frame or two.
const [HeaderPart, FiguresPart, KeysPart, LampsPart] = [memo(Header), memo(Figures), memo(KeyRow), memo(HonestyBar)]
const NO_KEYS: readonly KeyCard[] = []
const NO_DISPLAY: readonly KeyCard[] = ['DISPLAY']

/** The station tells its screens something every few seconds; silent for so long, what is shown is old (design/operator.md 5.1). */
const SILENT_MS = seconds(45)

interface Place { readonly tab: Tab; readonly inside: SupervisorTab; readonly unit: UnitId | null }

function App(props: { readonly live: BenchLive; readonly sounds: Sounds }): ReactNode {
  const { bench, fault, heardAt } = useLive(props.live)
  const scans = useScans()
  const isSilent = useIsSilent(heardAt, SILENT_MS)
  useSounds(props.sounds, bench, scans)
  if (bench === null) return <Empty fault={fault} />
  return <Console bench={bench} scans={scans} isSilent={isSilent} sounds={props.sounds} />
}

function Console(props: { readonly bench: BenchView; readonly scans: Scans; readonly isSilent: boolean; readonly sounds: Sounds }): ReactNode {
  const { say } = useSpeech()
  const { bench, scans } = props
  const [place, setPlace] = useState<Place>({ tab: 'bench', inside: 'units', unit: null })
  const [isTyping, setTyping] = useState(false)
  const [chosen, setChosen] = useState<UnitId | null>(null)
  const [why, setWhy] = useState<WhyQuestion | null>(null)
  const [isHelp, setHelp] = useState(false)
  /** What was scanned before the card that asks why. */
  const doubted = useRef<WhyQuestion | null>(null)
  const rack = useRackWindow()
  const check = useCheckCause()
  const goTo = useCallback((tab: Tab): void => { setPlace(old => ({ ...old, tab })); setHelp(false) }, [])
  const { obey, isFull } = useActs({
    bench, scans, chosen,
    go: (inside: SupervisorTab) => { setPlace({ tab: 'supervisor', inside, unit: null }); setHelp(false) },
    check: () => goTo('settings'),
    why: () => { setWhy(doubted.current ?? questionOf(bench)); setHelp(false) },
    type: () => setTyping(true), help: () => setHelp(!isHelp), display: rack.toggle,
    back: () => {
      if (isHelp) setHelp(false)
      else if (isTyping) setTyping(false)
      else if (why !== null) setWhy(null)
      else if (chosen !== null) setChosen(null)
      else setPlace(old => ({ ...old, tab: 'bench' }))
    }
  })
  useKeys(obey)
  useScannedCards(bench.scan, obey)
  useEffect(() => { if (bench.scan !== null && bench.scan.heard !== 'command') doubted.current = questionOf(bench) }, [bench])
  useEffect(() => whenIdle(() => { for (const page of [supervisor, network]) page.fetch() }), [])
  const showHistory = (unit: UnitId): void => { setPlace({ tab: 'supervisor', inside: 'units', unit }); setChosen(null) }
  const pressed = useMemo((): readonly KeyCard[] => [...isHelp ? ['HELP' as const] : [], ...isTyping ? ['TYPE' as const] : [], ...rack.isOpen ? ['DISPLAY' as const] : [], ...isFull ? ['FULL' as const] : []], [isHelp, isTyping, rack.isOpen, isFull])
  const unit = bench.units.find(u => u.uid === chosen) ?? null
  return (
    <div className={`console console-${bench.mode}${props.isSilent ? ' console-silent' : ''}`}>
      <HeaderPart mode={bench.mode} rate={bench.clock.rate} rack={bench.rack} here={bench.here} send={scans.send} tab={place.tab} onTab={goTo} />
      <section className="figures-frame" aria-label={say('figures.label')}><FiguresPart shift={bench.shift} queue={bench.queue} quota={bench.quota} /><LineNotice /></section>
      <main className="middle">
        <Now bench={bench} scans={scans} isTyping={isTyping} onType={setTyping} />
        <div className="page-frame">
          {bench.mode === 'training' ? <Suspense fallback={null}><ExerciseStrip isWhole={place.tab === 'training'} /></Suspense> : null}
          {place.tab === 'bench' ? <Bench bench={bench} onChoose={setChosen} onWhy={setWhy} /> : null}
          {place.tab === 'wave' ? <WavePage bench={bench} /> : null}
          <Suspense fallback={<p className="quiet-word">{say('loading')}</p>}>
            {place.tab === 'network' ? <network.Page /> : null}
            {place.tab === 'supervisor' ? <supervisor.Page bench={bench} scans={scans} tab={place.inside} unit={place.unit} onTab={inside => setPlace({ tab: 'supervisor', inside, unit: null })} onUnit={showHistory} /> : null}
            {place.tab === 'training' ? <TrainingPage bench={bench} /> : null}
            {place.tab === 'settings' ? <SettingsPage bench={bench} scans={scans} sounds={props.sounds} /> : null}
          </Suspense>
          {unit === null ? null : <UnitCard unit={unit} onClose={() => setChosen(null)} onHistory={() => showHistory(unit.uid)} onWhy={() => setWhy({ unit: unit.uid })} />}
          {why === null ? null : <WhyPanel question={why} onClose={() => setWhy(null)} />}
          <PinPanel here={bench.here} />
          {isHelp ? <Help tab={place.tab} bench={bench} onClose={() => setHelp(false)} onWhy={() => obey('WHY')} /> : null}
        </div>
      </main>
      <KeysPart obey={obey} call={bench.call ?? null} pressed={pressed} idle={rack.canOpen ? NO_KEYS : NO_DISPLAY} />
      <LampsPart lamps={bench.lamps} more={check} />
      <TrainingFrame mode={bench.mode} />
    </div>
  )
}

interface Doings { readonly bench: BenchView; readonly scans: Scans; readonly chosen: UnitId | null; readonly go: (tab: SupervisorTab) => void; readonly check: () => void; readonly why: () => void; readonly type: () => void; readonly help: () => void; readonly display: () => void; readonly back: () => void }

/** What each key and each card does. What the station does goes to it as its card, so that all three ways are one. */
function useActs(o: Doings): { readonly obey: Obey; readonly isFull: boolean } {
  const { door } = usePage()
  const [isFull, setFull] = useState(false)
  const obey: Obey = card => {
    switch (card) {
      case 'HELP': return o.help()
      case 'TYPE': return o.type()
      case 'FIND': return o.go('units')
      case 'DISPLAY': return o.display()
      case 'QUOTA': return o.go('quota')
      case 'HANDOVER': case 'SIGN': return o.go('handover') // the sheet itself takes the shift over, once it is open
      case 'DAILY': return o.check() // the station has begun it
      case 'WHY': return o.why()
      case 'BACK': return o.back()
      case 'FULL': {
        const isNow = document.fullscreenElement !== null
        const asked = isNow ? document.exitFullscreen() : document.documentElement.requestFullscreen()
        asked.then(() => setFull(!isNow), () => undefined) // a browser may refuse; then nothing has changed
        return
      }
      case 'HOLD':
        if (o.chosen !== null) {
          door.ask('unit.hold', { unit: o.chosen, reason: 'F6' }).catch(() => undefined) // the card that is open shows how it stands
          return
        }
        return o.scans.send('CM:HOLD')
      case 'PROOF': case 'PRINT': case 'UNDO': case 'LEAD': return o.scans.send(`CM:${card}`)
      default: card satisfies never
    }
  }
  const latest = useRef(obey)
  useEffect(() => { latest.current = obey })
  return { obey: useCallback<Obey>(card => latest.current(card), []), isFull }
}

/** What was scanned last: a lane, else the unit in the banner, else lane 1. */
function questionOf(bench: BenchView): WhyQuestion {
  const lane = /^P(\d\d)$/i.exec(bench.scan?.text ?? '')?.[1]
  if (lane !== undefined) return { lane: Number(lane) }
  const unit = bench.scan?.unit ?? bench.verdict
  return unit === null ? { lane: 1 } : { unit: unit.uid }
}

function Bench(props: { readonly bench: BenchView; readonly onChoose: (unit: UnitId) => void; readonly onWhy: (question: WhyQuestion) => void }): ReactNode {
  const { say } = useSpeech()
  const { bench, onChoose, onWhy } = props
  const askWhy = useCallback((lane: number) => onWhy({ lane }), [onWhy])
  return (
    <section className="bench" aria-label={say('tab.bench')}>
      <Lanes lanes={bench.lanes} layout={bench.layout ?? []} units={bench.units} onChoose={onChoose} onWhy={askWhy} />
      <div className="bench-below">
        <WavePanel bench={bench} />
        <LooseUnits units={bench.units} lanes={bench.lanes} onChoose={onChoose} />
      </div>
    </section>
  )
}

function Empty(props: { readonly fault: ReturnType<BenchLive['snapshot']>['fault'] }): ReactNode {
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

function makeConsole(page: Page): ReactNode {
  return <App live={new BenchLive(page.door, page.time)} sounds={new Sounds(window)} />
}

mount('console', makeConsole)
