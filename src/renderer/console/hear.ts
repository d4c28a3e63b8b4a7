/** Which sound belongs to what has just happened; the same is on the screen in words and shapes. */
import { useEffect, useRef } from 'react'
import type { BenchView } from '#shared'
import type { Sounds } from '../common/sounds.ts'
import type { Scans } from './scans.ts'
import { isUrgent } from './lanes.tsx'

/** Lanes that want hands, and the call of the lead. */
function wantsOf(bench: BenchView): string[] {
  return [...bench.units.filter(u => u.lane !== null && u.outcome === null && isUrgent(u)).map(u => `${u.uid} ${u.prompt}`), ...bench.call == null ? [] : [`call ${bench.call.at}`]]
}

export function useSounds(sounds: Sounds, bench: BenchView | null, scans: Scans): void {
  const wants = useRef<ReadonlySet<string> | null>(null)
  const waves = useRef<ReadonlySet<string> | null>(null)
  useEffect(() => scans.subscribe(() => {
    const note = scans.snapshot()
    if (note === null) return
    sounds.hush() // whoever scans has heard it
    if (note.fault !== null) sounds.play('reject')
    else if (note.answer !== null) sounds.play('accept')
  }), [sounds, scans])
  useEffect(() => {
    if (bench === null) return
    const [now, open] = [wantsOf(bench), bench.waves.filter(w => w.state !== 'closed').map(w => String(w.uid))]
    const [before, openBefore] = [wants.current, waves.current]
    wants.current = new Set(now)
    waves.current = new Set(open)
    if (before === null || openBefore === null) return // what was so before the page came is no news
    if ([...openBefore].some(uid => !open.includes(uid))) sounds.play('complete')
    else if (now.some(want => !before.has(want))) sounds.play('attention')
    else if (now.length === 0 && before.size > 0) sounds.hush()
  }, [sounds, bench])
}
