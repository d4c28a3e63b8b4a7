/**
 * What hands do at one unit, in pictures: how long the button is held, by a timer that counts along, and the lamp to wait for.
 * Nobody says that it is done: the station sees it, and the prompt goes by itself. After the end the operator may say what the
 * lamp shows; that gives a reason and an action, and is never proof.
 */
import { useEffect, useState, type ReactNode } from 'react'
import type { UnitView } from '#shared'
import { useSpeech } from '../common/page.tsx'
import { LampPictures } from './lamp-pictures.tsx'
import { useView } from './use-view.ts'
import { LampQuestion } from './wave-page.tsx'
import './ports.css'

const HOLD_S = 10
const SECOND_MS = 1000

export function Hands(props: { readonly unit: UnitView }): ReactNode {
  const { unit } = props
  if (unit.prompt === 'press-reset') return <Hold key={unit.uid} product={unit.product} />
  return unit.method === 'wired' && unit.outcome === 'unproven' ? <LampQuestion unit={unit.uid} /> : null
}

function Hold(props: { readonly product: string | null }): ReactNode {
  const { say } = useSpeech()
  const { value } = useView('product.list', {}, null)
  const seconds = value?.find(p => p.product === props.product)?.resetHoldSeconds ?? HOLD_S
  const [left, setLeft] = useState<number | null>(null)
  const isCounting = left !== null && left > 0
  useEffect(() => {
    if (!isCounting) return undefined
    const timer = setInterval(() => setLeft(old => old === null ? null : old - 1), SECOND_MS) // it counts along; what counts is what the unit shows
    return () => clearInterval(timer)
  }, [isCounting])
  return (
    <section className="hands" aria-label={say('hands.label')}>
      <p className="hands-now" role="status">{left === null ? say('hands.hold', { n: seconds }) : left > 0 ? say('hands.left', { n: left }) : say('hands.let-go')}</p>
      <button type="button" onClick={() => setLeft(seconds)}>{say(left === null ? 'hands.start' : 'hands.again')}</button>
      <LampPictures product={props.product} />
    </section>
  )
}
