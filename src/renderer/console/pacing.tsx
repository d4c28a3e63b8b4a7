/**
 * A metronome for thirty reset buttons: one camera a beat, with a number to see, a tone and a voice to hear, and the lamp to
 * wait for in a picture. It counts beats, it knows nothing of cameras.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { useSpeech } from '../common/page.tsx'
import { LampPictures } from './lamp-pictures.tsx'

const BEAT_S = { least: 2, usual: 4, most: 20 } as const
const TONE_HZ = 880
const TONE_MS = 90

export function Pacing(props: { readonly count: number; /** Of the wave, or of the cameras that wait. */ readonly product: string | null }): ReactNode {
  const { say, language } = useSpeech()
  const [beatS, setBeat] = useState<number>(BEAT_S.usual)
  const [n, setN] = useState(0)
  const [isOn, setOn] = useState(false)
  const isDone = isOn && n >= props.count
  useEffect(() => {
    if (!isOn || isDone) return undefined
    const timer = setInterval(() => setN(old => old + 1), beatS * 1000)
    return () => clearInterval(timer)
  }, [isOn, isDone, beatS])
  useEffect(() => {
    if (n > 0) sound(n, language)
  }, [n, language])
  return (
    <section className="panel pacing" aria-label={say('pace.label')}>
      <h2>{say('pace.label')}</h2>
      <p className="pace-now"><span className={`pace-n${n % 2 === 1 ? ' pace-odd' : ''}`}>{n}</span> <span className="quiet-word">{say('display.of', { of: props.count })}</span></p>
      <LampPictures product={props.product} />
      <p className="acts">
        <button type="button" onClick={() => { setOn(!isOn); if (!isOn) setN(0) }} disabled={!isOn && props.count === 0}>{say(isOn ? 'pace.stop' : 'pace.start')}</button>
        <label>{say('pace.beat')} <input type="number" min={BEAT_S.least} max={BEAT_S.most} value={beatS} onChange={event => {
          const value = event.target.valueAsNumber
          if (value >= BEAT_S.least && value <= BEAT_S.most) setBeat(value)
        }} /></label>
      </p>
    </section>
  )
}

/** A tone and the number; a machine without either stays silent, and the number is on the page. */
function sound(n: number, language: string): void {
  try {
    const context = new AudioContext()
    const tone = context.createOscillator()
    tone.frequency.value = TONE_HZ
    tone.connect(context.destination)
    tone.start()
    tone.stop(context.currentTime + TONE_MS / 1000)
    tone.addEventListener('ended', () => { void context.close() })
    const voice = new SpeechSynthesisUtterance(String(n))
    voice.lang = language
    speechSynthesis.speak(voice)
  } catch { /* seen on the page all the same */ }
}
