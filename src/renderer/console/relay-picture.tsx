/**
 * A picture of the phone's code: a file chosen, dropped or pasted, or one taken by the webcam. The page only makes it small
 * enough to be sent; the station reads it. It is shown nowhere and not kept; the webcam is on only while somebody uses it.
 */
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { PICTURE_CHARS_MAX, type FaultView } from '#shared'
import { usePage, useSpeech } from '../common/page.tsx'
import type { Command } from './use-command.ts'
import './relay.css'

/** Points of the longer side of what is sent: a code that fills a tenth of it is still read. */
const SIDE_MAX = 3000
const QUALITY = 0.92
const CAMERA: MediaStreamConstraints = { audio: false, video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } } }

const refusal = (code: FaultView['code']): FaultView => ({ code, context: {} })

/** As a JPEG in base64. */
function drawn(source: ImageBitmap | HTMLVideoElement, width: number, height: number): string {
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height))
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)]
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height)
  const [, text = ''] = canvas.toDataURL('image/jpeg', QUALITY).split(',')
  if (text.length > PICTURE_CHARS_MAX) throw refusal('picture.too-large')
  if (text === '') throw refusal('picture.unreadable')
  return text
}

async function ofFile(file: Blob): Promise<string> {
  const picture = await createImageBitmap(file).catch(() => { throw refusal('picture.unreadable') })
  try {
    return drawn(picture, picture.width, picture.height)
  } finally {
    picture.close()
  }
}

export function RelayPicture(props: { readonly isAsking: boolean; readonly run: Command['run'] }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { isAsking, run } = props
  const [isTaken, setTaken] = useState(false)
  const [taken, setCount] = useState(0)
  const offer = (picture: Promise<string>): void => {
    setTaken(false)
    run(picture.then(text => door.ask('relay.picture', { picture: text })), () => {
      setTaken(true)
      setCount(n => n + 1)
    })
  }
  const take = (files: Iterable<File>): boolean => {
    const file = [...files].find(f => f.type.startsWith('image/'))
    if (file && !isAsking) offer(ofFile(file))
    return file !== undefined
  }
  const pasted = useRef(take)
  useEffect(() => { pasted.current = take })
  useEffect(() => {
    const hear = (event: ClipboardEvent): void => { if (pasted.current(event.clipboardData?.files ?? [])) event.preventDefault() }
    document.addEventListener('paste', hear)
    return () => document.removeEventListener('paste', hear)
  }, [])
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    take(event.dataTransfer.files)
  }
  return (
    <div className="relay-picture" onDragOver={event => event.preventDefault()} onDrop={drop}>
      <p className="acts">
        <label>{say('relay.picture')} <input type="file" accept="image/*" disabled={isAsking} onChange={event => { take(event.target.files ?? []); event.target.value = '' }} /></label>
        <span role="status">{isTaken ? say('relay.taken') : ''}</span>
      </p>
      <Webcam key={taken} isAsking={isAsking} onPicture={offer} />
      <p className="quiet-word">{say('relay.drop')}</p>
    </div>
  )
}

/** On from the press of its button until it is turned off, its code is taken, or the page is left. */
function Webcam(props: { readonly isAsking: boolean; readonly onPicture: (picture: Promise<string>) => void }): ReactNode {
  const { say } = useSpeech()
  const [state, setState] = useState<'off' | 'asked' | 'refused'>('off')
  const [stream, setStream] = useState<MediaStream | null>(null)
  const video = useRef<HTMLVideoElement>(null)
  const isHere = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => { isHere.current = false }
  }, [])
  useEffect(() => {
    const element = video.current
    if (stream === null || element === null) return
    element.srcObject = stream
    void element.play().catch(() => undefined) // taken away at once: nothing to play
    return () => { for (const track of stream.getTracks()) track.stop() }
  }, [stream])
  const open = async (): Promise<void> => {
    setState('asked')
    try {
      const granted = await navigator.mediaDevices.getUserMedia(CAMERA)
      setState('off')
      if (isHere.current) setStream(granted)
      else for (const track of granted.getTracks()) track.stop() // granted too late
    } catch {
      setState('refused') // no webcam, one in use, or no permission: a page is not told which
    }
  }
  const snap = async (): Promise<string> => {
    const { current } = video
    if (current === null || current.videoWidth === 0) throw refusal('picture.no-code') // its first picture has not come yet
    return await Promise.resolve(drawn(current, current.videoWidth, current.videoHeight))
  }
  if (stream === null) return (
    <p className="acts">
      <button type="button" disabled={state === 'asked'} onClick={() => { void open() }}>{say('relay.camera')}</button>
      {state === 'refused' ? <span className="warning">{say('relay.no-camera')}</span> : null}
    </p>
  )
  return (
    <>
      <video className="relay-camera" ref={video} muted playsInline aria-label={say('relay.camera')} />
      <p className="acts">
        <button type="button" disabled={props.isAsking} onClick={() => props.onPicture(snap())}>{say('relay.snap')}</button>
        <button type="button" onClick={() => setStream(null)}>{say('relay.camera-off')}</button>
      </p>
    </>
  )
}
