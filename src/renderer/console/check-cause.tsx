/** In the honesty bar: the daily check of the bench is due, or said that something is not well. Nothing while it is well. */
import type { ReactNode } from 'react'
import { useSpeech } from '../common/page.tsx'
import { useView } from './use-view.ts'

const LOOK_MS = 30_000
/** Begins the check. */
const CARD = 'CM:DAILY'

export function useCheckCause(): ReactNode {
  const { say } = useSpeech()
  const { value } = useView('ready.view', {}, LOOK_MS)
  if (value === null || (!value.isDue && (value.daily ?? value.first)?.isReady !== false)) return null
  const failed = value.isDue ? [] : value.daily?.failed ?? []
  return <li className="cause lamp-warn">{failed.length === 0 ? say('lamps.check') : say('lamps.check.failed', { steps: failed.map(step => say(`ready.step.${step}`)).join(', ') })} <kbd>{CARD}</kbd></li>
}
