/**
 * Small plots for people who would rather look than read: bars by the hour, shares of a whole, a running sum against its cap.
 * Each says in words what it shows; filled and hatched differ without colour.
 */
import { useId, type ReactNode } from 'react'

const W = 320
const H = 96
const FOOT = 14
/** Beside a plot that is short there is room for so many names. */
const SHARES_MAX = 6

export interface Bar { readonly label: string; readonly n: number; /** Of n; the rest is hatched. */ readonly filled: number }

export function BarPlot(props: { readonly title: string; readonly text: string; readonly bars: readonly Bar[] }): ReactNode {
  const hatch = useId()
  const { bars } = props
  const most = Math.max(1, ...bars.map(b => b.n))
  const step = W / Math.max(1, bars.length)
  const high = (n: number): number => (H - FOOT - 10) * n / most
  return (
    <figure className="plot">
      <figcaption>{props.title}</figcaption>
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={props.text}>
        <Hatch id={hatch} />
        {bars.map((bar, i) => (
          <g key={bar.label}>
            <rect className="plot-rest" fill={`url(#${hatch})`} x={i * step + 2} width={step - 4} y={H - FOOT - high(bar.n)} height={high(bar.n - bar.filled)} />
            <rect className="plot-fill" x={i * step + 2} width={step - 4} y={H - FOOT - high(bar.filled)} height={high(bar.filled)} />
            {bar.n === 0 ? null : <text className="plot-n" x={(i + 0.5) * step} y={H - FOOT - high(bar.n) - 2}>{bar.n}</text>}
            <text className="plot-label" x={(i + 0.5) * step} y={H - 3}>{bar.label}</text>
          </g>
        ))}
      </svg>
    </figure>
  )
}

export interface Share { readonly key: string; readonly label: string; readonly n: number; readonly of: number; readonly text: string }

/** Bars that lie, each with its words. */
export function SharePlot(props: { readonly title: string; readonly none: string; readonly shares: readonly Share[] }): ReactNode {
  const { shares } = props
  return (
    <figure className="plot">
      <figcaption>{props.title}</figcaption>
      {shares.length === 0 ? <p className="quiet-word">{props.none}</p> : null}
      <ul className="shares">
        {shares.slice(0, SHARES_MAX).map(share => (
          <li key={share.key}>
            <span className="share-label"><bdi>{share.label}</bdi></span>
            <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect className="plot-ground" width="100" height="8" /><rect className="plot-fill" width={share.of === 0 ? 0 : 100 * share.n / share.of} height="8" /></svg>
            <span className="share-n">{share.text}</span>
          </li>
        ))}
      </ul>
    </figure>
  )
}

export interface Step { readonly at: number; readonly n: number }

/** What is left of a cap as steps that go down; at the dashed line nothing is left. */
export function BurnPlot(props: { readonly title: string; readonly text: string; readonly cap: number; readonly spent: readonly Step[]; readonly now: number; readonly label: (at: number) => string }): ReactNode {
  const { cap, spent, now } = props
  const from = spent[0]?.at ?? now
  const span = Math.max(1, now - from)
  const x = (at: number): number => 4 + (W - 8) * Math.min(1, (at - from) / span)
  const y = (n: number): number => 8 + (H - FOOT - 10) * Math.min(1, n / Math.max(1, cap))
  const ends = [...spent.slice(1).map(s => s.at), now]
  const path = spent.map((s, i) => `${i === 0 ? `M${x(from)} ${y(0)}` : ''}V${y(s.n)}H${x(ends[i] ?? now)}`).join('')
  return (
    <figure className="plot">
      <figcaption>{props.title}</figcaption>
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={props.text}>
        <path className="plot-cap" d={`M4 ${y(cap)}H${W - 4}`} />
        <path className="plot-line" d={path} />
        <text className="plot-label plot-end" x={W - 4} y={y(0) + 11}>{cap}</text>
        <text className="plot-label plot-start" x="4" y={H - 3}>{props.label(from)}</text>
        <text className="plot-label plot-end" x={W - 4} y={H - 3}>{props.label(now)}</text>
      </svg>
    </figure>
  )
}

function Hatch(props: { readonly id: string }): ReactNode {
  return (
    <defs>
      <pattern id={props.id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect className="plot-ground" width="5" height="5" /><path className="plot-hatch" d="M0 0V5" /></pattern>
    </defs>
  )
}
