/** "17 of 30", as a ring and in figures: no decoder takes it for a code. */
import type { ReactNode } from 'react'
import { useSpeech } from '../common/page.tsx'

export function CountRing(props: { readonly n: number; readonly of: number }): ReactNode {
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
