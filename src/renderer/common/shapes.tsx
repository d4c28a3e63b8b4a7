/** The station's few signs. A sign always stands beside its word; colour alone never tells anything. */
import type { ReactNode } from 'react'
import type { Lamp, Outcome, Pip, Stage } from '#shared'

/** `body` is filled, `mark` is drawn over it in the colour of the ground, `line` is drawn in the sign's own colour. 24 x 24. */
interface Drawing { readonly body?: string; readonly mark?: string; readonly line?: string }

const DRAWINGS = {
  'circle-tick': { body: 'M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22z', mark: 'M6.5 12.5l4 4 7.5-8.5' },
  'triangle-bang': { body: 'M12 1.5 23.5 22H.5z', mark: 'M12 8.5v6M12 18v.6' },
  'square-pause': { body: 'M2 2h20v20H2z', mark: 'M9 7.5v9M15 7.5v9' },
  'diamond': { body: 'M12 .5 23.5 12 12 23.5.5 12z', mark: 'M8.5 8.5l7 7M15.5 8.5l-7 7' },
  'dash': { line: 'M4 12h16' },
  'hand': { body: 'M7.6 1h8.8L23 7.6v8.8L16.4 23H7.6L1 16.4V7.6z', mark: 'M7 12h10' },
  'plug': { line: 'M9 2v6M15 2v6M6 8h12v4a6 6 0 0 1-12 0zM12 18v4' },
  'power': { line: 'M12 2v9M6.5 5.5a9 9 0 1 0 11 0' },
  'found': { line: 'M10 3a7 7 0 1 1 0 14a7 7 0 1 1 0-14zM15.5 15.5 22 22' },
  'queue': { line: 'M3 6h18M3 12h18M3 18h10' },
  'press': { line: 'M12 1v11M7.5 8l4.5 4.5L16.5 8M4 16v5h16v-5' },
  'ready': { line: 'M4 12.5l5.5 5.5L20 6' },
  'asked': { line: 'M4 12h15M13 5l7 7-7 7' },
  'proving': { line: 'M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20zM12 6v6l4 3' },
  'ring': { line: 'M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16z' },
  'disc': { body: 'M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20z' },
  'ring-crossed': { line: 'M12 3a9 9 0 1 1 0 18a9 9 0 1 1 0-18zM5.5 18.5l13-13' }
} as const satisfies Record<string, Drawing>

export type ShapeName = keyof typeof DRAWINGS

export const OUTCOME_SHAPE = { proven: 'circle-tick', refused: 'triangle-bang', unproven: 'square-pause', broken: 'diamond', withdrawn: 'dash' } as const satisfies Record<Outcome, ShapeName>
export const STAGE_SHAPE = { queued: 'queue', resetting: 'press', ready: 'ready', asked: 'asked', proving: 'proving', closed: 'dash' } as const satisfies Record<Stage, ShapeName>
export const PIP_SHAPE = { off: 'ring', on: 'disc', gone: 'ring-crossed', unknown: 'dash' } as const satisfies Record<Pip, ShapeName>
export const LAMP_SHAPE = { ok: 'circle-tick', warn: 'triangle-bang', bad: 'diamond', off: 'dash' } as const satisfies Record<Lamp['state'], ShapeName>

export function Shape(props: { readonly name: ShapeName }): ReactNode {
  const drawing: Drawing = DRAWINGS[props.name]
  return (
    <svg className={`shape shape-${props.name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawing.body === undefined ? null : <path className="shape-body" d={drawing.body} />}
      {drawing.mark === undefined ? null : <path className="shape-mark" d={drawing.mark} />}
      {drawing.line === undefined ? null : <path className="shape-line" d={drawing.line} />}
    </svg>
  )
}
