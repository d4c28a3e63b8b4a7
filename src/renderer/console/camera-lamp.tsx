/** A camera's lamp in a picture: which colour, and whether it blinks; word and shape beside colour, and no motion. */
import type { ReactNode } from 'react'
import type { Light } from '#shared'
import { useSpeech } from '../common/page.tsx'

/** Rays stand for blinking, a full ring for steady. */
const RAYS = 'M20 2v6M20 32v6M2 20h6M32 20h6M7.5 7.5l4 4M28.5 28.5l4 4M32.5 7.5l-4 4M11.5 28.5l-4 4'

export function CameraLamp(props: { readonly light: Light }): ReactNode {
  const { say } = useSpeech()
  const { light } = props
  const isBlinking = light.endsWith('blinking')
  return (
    <span className={`camera-lamp camera-lamp-${light}`}>
      <svg viewBox="0 0 40 40" aria-hidden="true" focusable="false">
        <circle className="camera-lamp-glass" cx="20" cy="20" r="8" />
        {isBlinking ? <path className="camera-lamp-rays" d={RAYS} /> : <circle className="camera-lamp-ring" cx="20" cy="20" r="13" />}
      </svg>
      <span>{say(`light.${light}`)}</span>
    </span>
  )
}
