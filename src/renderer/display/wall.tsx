/**
 * The rack display: a white page that shows one wave's code to a wall of cameras, and never longer than it is good. The
 * page may hide a code by itself (time is up, the station is silent); it never decides to show one.
 */
import { useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react'
import type { DisplayView } from '#shared'
import { Countdown, useIsOlder, useIsSilent } from '../common/age.tsx'
import { DisplayLive, useLive, type DisplayNow } from '../common/live.ts'
import { LanguageButton, mount, TrainingFrame, useSpeech, type Page } from '../common/page.tsx'
import { CYCLE, layoutOf, matrixOf, paint, STEP_MS, VERSION_MAX, type Layout, type Matrix } from '../common/qr.ts'
import '../common/theme.css'
import './display.css'

/** A station that says nothing for so long may be gone, and its code with it. */
const SILENT_MS = 5_000
/** Width of the training frame, CSS pixels; the same as in display.css. */
const FRAME_PX = 10

type Message = 'silent' | 'none' | 'soon' | 'full' | 'expired' | 'stopped' | 'settling'

interface Screen { readonly width: number; readonly height: number; readonly ratio: number }

function Wall(props: { readonly live: DisplayLive }): ReactNode {
  const { say } = useSpeech()
  const now = useLive(props.live)
  const canvas = useRef<HTMLCanvasElement>(null)
  const screen = useScreen(canvas)
  const { code, message } = useShown(now)
  const step = useStep(code !== null)
  const matrix = useMemo(() => code === null ? null : matrixOf(code), [code])
  const mode = now.display?.mode
  const frame = mode === 'training' ? Math.ceil(FRAME_PX * screen.ratio) : 0
  const layout = useMemo(() => matrix && screen.width > 0 ? layoutOf({ width: screen.width, height: screen.height, frame, size: matrix.size, step }) : null, [matrix, screen, frame, step])
  const white = matrix === null ? 255 : CYCLE[step]?.white ?? 255

  useEffect(() => {
    const brush = canvas.current?.getContext('2d', { alpha: false })
    if (brush && screen.width > 0) paint(brush, { matrix, layout, width: screen.width, height: screen.height, white })
  }, [matrix, layout, screen, white])

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
  if (wave.stopReason === 'full') return { code: null, message: 'full' }
  if (wave.stopReason === 'expired' || (wave.state === 'showing' && isExpired)) return { code: null, message: 'expired' }
  if (wave.stopReason !== null) return { code: null, message: 'stopped' }
  return { code: null, message: wave.state === 'planned' || wave.state === 'showing' ? 'soon' : 'settling' }
}

/** Which picture of the cycle is up; starts from the first with every code. */
function useStep(isShowing: boolean): number {
  const [step, setStep] = useState(0)
  useEffect(() => {
    if (!isShowing) return undefined
    const timer = setInterval(() => setStep(s => (s + 1) % CYCLE.length), STEP_MS)
    return () => {
      clearInterval(timer)
      setStep(0)
    }
  }, [isShowing])
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
  const { say } = useSpeech()
  const { wave, mode } = props.display
  const { top, height, edge, width } = props.layout.words
  const box = { top: top / props.ratio, height: height / props.ratio, width: width / props.ratio, fontSize: Math.min(height / 7, width / 12) / props.ratio }
  if (wave === null) return null
  return (
    <>
      <div className="side" style={{ ...box, left: edge / props.ratio }}>
        <CountRing n={wave.joined} of={wave.planned} />
        {mode === 'training' ? <p className="side-training">{say('training.mark')}</p> : null}
      </div>
      <div className="side" style={{ ...box, right: edge / props.ratio }}>
        <p className="side-verb" role="status">{say('display.scan')}</p>
        <p className="side-time"><Countdown until={wave.expiresAt} /></p>
        <p className="side-product"><bdi>{wave.productName}</bdi></p>
        <p className="side-small">{say(props.matrix.version > VERSION_MAX ? 'display.long' : 'display.version', { n: props.matrix.version })}</p>
      </div>
    </>
  )
}

/** The words in place of a code. */
function BigWords(props: { readonly display: DisplayView | null; readonly message: Message }): ReactNode {
  const { say } = useSpeech()
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
              <p className="big-product"><bdi>{wave.productName}</bdi></p>
            </div>
          )}
      <div className="big-foot"><LanguageButton /></div>
    </div>
  )
}

/** "17 of 30", as a ring and in figures. */
function CountRing(props: { readonly n: number; readonly of: number }): ReactNode {
  const { say } = useSpeech()
  const share = props.of > 0 ? Math.min(1, props.n / props.of) : 0
  return (
    <div className="ring" role="img" aria-label={say('display.count', { n: props.n, of: props.of })}>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle className="ring-all" cx="50" cy="50" r="44" pathLength="100" />
        <circle className="ring-part" cx="50" cy="50" r="44" pathLength="100" strokeDasharray={`${share * 100} 100`} />
      </svg>
      <p className="ring-words"><span className="ring-n">{props.n}</span><span className="ring-of">{say('display.of', { of: props.of })}</span></p>
    </div>
  )
}

function makeWall(page: Page): ReactNode {
  const rack = new URLSearchParams(window.location.search).get('rack')
  return <Wall live={new DisplayLive(page.door, page.time, rack)} />
}

mount('display', makeWall)
