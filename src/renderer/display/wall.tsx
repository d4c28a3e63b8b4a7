/**
 * The rack display: a white page that shows one wave's code to a wall of cameras, and never longer than it is good. The
 * page may hide a code by itself (time is up, the station is silent); it never decides to show one.
 */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react'
import { VERSION_MAX, type DisplayView, type QrPolicy, type StopReason } from '#shared'
import { Countdown, useIsOlder, useIsSilent } from '../common/age.tsx'
import { BenchLive, DisplayLive, useLive, type DisplayNow } from '../common/live.ts'
import { LanguageButton, mount, TrainingFrame, TrainingWord, useSpeech, type Page } from '../common/page.tsx'
import { layoutOf, matrixOf, paint, picturesOf, type Layout, type Matrix } from '../common/qr.ts'
import { Board } from './board.tsx'
import { CountRing } from './ring.tsx'
import '../common/theme.css'
import './display.css'

/** A station that says nothing for so long may be gone, and its code with it. */
const SILENT_MS = 5_000
/** Width of the training frame, CSS pixels; the same as in display.css. */
const FRAME_PX = 10

type Message = 'silent' | 'none' | 'soon' | 'full' | 'expired' | 'stopped' | 'quiet' | 'no-join' | 'uninvited' | 'cloud' | 'settling'

/** What the page says of a wave whose code was taken away. */
const STOPPED = {
  'full': 'full', 'expired': 'expired', 'quiet': 'quiet', 'no-join': 'no-join', 'uninvited': 'uninvited', 'cloud': 'cloud', 'operator': 'stopped', 'lock': 'stopped', 'fault': 'stopped'
} as const satisfies Record<StopReason, Message>
/** As the sheet recommends, until the station has said how. */
const POLICY: QrPolicy = { level: 'L', margin: 2, gainPercent: 15, copies: true, cycle: 'six', stepMs: 1200, tiles: false }

interface Screen { readonly width: number; readonly height: number; readonly ratio: number }

function Wall(props: { readonly live: DisplayLive }): ReactNode {
  const { say } = useSpeech()
  const now = useLive(props.live)
  const canvas = useRef<HTMLCanvasElement>(null)
  const screen = useScreen(canvas)
  const { code, message } = useShown(now)
  const policy = now.display?.policy ?? POLICY
  const { level, margin, gainPercent, copies, cycle, stepMs, tiles } = policy // each by itself: every answer brings a new object
  const pictures = useMemo(() => picturesOf({ cycle, tiles }), [cycle, tiles])
  const step = useStep(code !== null, pictures.length, stepMs)
  const matrix = useMemo(() => code === null ? null : matrixOf(code, level), [code, level])
  const mode = now.display?.mode
  const frame = mode === 'training' ? Math.ceil(FRAME_PX * screen.ratio) : 0
  const picture = pictures[step % pictures.length]
  const layout = useMemo(
    () => matrix && picture && screen.width > 0 ? layoutOf({ width: screen.width, height: screen.height, frame, size: matrix.size, picture, policy: { margin, copies } }) : null,
    [matrix, picture, screen, frame, margin, copies]
  )
  const white = matrix === null ? 255 : picture?.white ?? 255

  // Before the browser shows anything of this change: payload, picture and ground are one step.
  useLayoutEffect(() => {
    const brush = canvas.current?.getContext('2d', { alpha: false })
    if (brush && screen.width > 0) paint(brush, { matrix, layout, width: screen.width, height: screen.height, white, gainPercent })
  }, [matrix, layout, screen, white, gainPercent])

  return (
    <main className="wall" data-step={step} data-showing={matrix !== null} style={{ backgroundColor: `rgb(${white} ${white} ${white})` }}>
      <canvas ref={canvas} className="code" width={screen.width} height={screen.height} role="img" aria-label={say(matrix === null ? 'display.blank' : 'display.code')} />
      {matrix && layout && now.display ? <SideWords display={now.display} matrix={matrix} layout={layout} ratio={screen.ratio} /> : null}
      {message === null ? null : <BigWords display={now.display} message={message} />}
      <TrainingFrame mode={mode} />
    </main>
  )
}

/** What may be on the page now, and if no code, why not. */
function useShown(now: DisplayNow): { code: string | null; message: Message | null } {
  const isSilent = useIsSilent(now.heardAt, SILENT_MS)
  const wave = now.display?.wave ?? null
  const isExpired = useIsOlder(wave?.expiresAt ?? null, 0)
  const code = now.display?.code ?? null
  if (isSilent || now.display === null) return { code: null, message: 'silent' }
  if (wave === null) return { code: null, message: 'none' }
  if (code !== null && wave.state === 'showing' && !isExpired) return { code, message: null }
  if (wave.stopReason !== null) return { code: null, message: STOPPED[wave.stopReason] }
  if (wave.state === 'showing' && isExpired) return { code: null, message: 'expired' }
  return { code: null, message: wave.state === 'planned' || wave.state === 'showing' ? 'soon' : 'settling' }
}

/** Which picture of the cycle is up; starts from the first with every code. */
function useStep(isShowing: boolean, count: number, stepMs: number): number {
  const [step, setStep] = useState(0)
  useEffect(() => {
    if (!isShowing) return undefined
    const timer = setInterval(() => setStep(s => (s + 1) % count), stepMs)
    return () => {
      clearInterval(timer)
      setStep(0)
    }
  }, [isShowing, count, stepMs])
  return step
}

/** The canvas in device pixels: what is drawn is what the panel shows. */
function useScreen(canvas: RefObject<HTMLCanvasElement | null>): Screen {
  const [screen, setScreen] = useState<Screen>({ width: 0, height: 0, ratio: 1 })
  useEffect(() => {
    const element = canvas.current
    if (!element) return undefined
    const observer = new ResizeObserver(entries => {
      const box = entries[0]?.devicePixelContentBoxSize[0]
      if (box) setScreen({ width: box.inlineSize, height: box.blockSize, ratio: window.devicePixelRatio })
    })
    observer.observe(element, { box: 'device-pixel-content-box' })
    return () => observer.disconnect()
  }, [canvas])
  return screen
}

/** The words beside the code, in the free middle of the side strips. */
function SideWords(props: { readonly display: DisplayView; readonly matrix: Matrix; readonly layout: Layout; readonly ratio: number }): ReactNode {
  const { say, words } = useSpeech()
  const { wave, mode } = props.display
  const [left, right] = props.layout.words.map(({ x, y, width, height }) => ({
    left: x / props.ratio, top: y / props.ratio, width: width / props.ratio, height: height / props.ratio, fontSize: Math.min(height / 7, width / 12) / props.ratio
  }))
  if (wave === null) return null
  return (
    <>
      <div className="side" style={left}>
        <CountRing n={wave.joined} of={wave.planned} />
        {mode === 'training' ? <p className="side-training">{say('training.mark')}</p> : null}
      </div>
      <div className="side" style={right}>
        <p className="side-verb" role="status">{say('display.scan')}</p>
        <p className="side-time"><Countdown until={wave.expiresAt} /></p>
        <p className="side-product"><bdi>{words(wave.productName)}</bdi></p>
        <p className="side-small">{say(props.matrix.version > VERSION_MAX ? 'display.long' : 'display.version', { n: props.matrix.version })}</p>
      </div>
    </>
  )
}

/** The words in place of a code. */
function BigWords(props: { readonly display: DisplayView | null; readonly message: Message }): ReactNode {
  const { say, words } = useSpeech()
  const wave = props.display?.wave ?? null
  return (
    <div className={`big big-${props.message}`}>
      <p className="big-verb" role="status">{say(`display.${props.message}`)}</p>
      <p className="big-next">{say(`display.${props.message}.next`)}</p>
      {wave === null || props.message === 'silent'
        ? null
        : (
            <div className="big-wave">
              <CountRing n={wave.joined} of={wave.planned} />
              <p className="big-product"><bdi>{words(wave.productName)}</bdi></p>
            </div>
          )}
      <div className="big-foot"><TrainingWord mode={props.display?.mode} /><LanguageButton /></div>
    </div>
  )
}

function makeWall(page: Page): ReactNode {
  const search = new URLSearchParams(window.location.search)
  if (search.has('board')) return <Board live={new BenchLive(page.door, page.time)} isDemo={search.has('demo')} />
  const rack = search.get('rack')
  return <Wall live={new DisplayLive(page.door, page.time, rack)} />
}

mount('display', makeWall)
