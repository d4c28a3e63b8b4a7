/** Who is at the bench, in the head of every page: the operator, and the lead beside him for as long as the PIN holds. */
import { useEffect, type ReactNode } from 'react'
import type { HereView } from '#shared'
import { useNow } from '../common/age.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import type { Scans } from './scans.ts'

const MINUTE_MS = 60_000

export function Who(props: { readonly here: HereView } & Pick<Scans, 'send'>): ReactNode {
  const { say } = useSpeech()
  const { choice } = usePage()
  const now = useNow()
  const { here: { operator, raised }, send } = props
  const language = operator?.language ?? null
  const badge = operator?.badge ?? null
  useEffect(() => { if (badge !== null && language !== null) choice.choose(language) }, [badge, language, choice])
  const leftMs = raised?.until == null || now === null ? 0 : raised.until - now
  return (
    <p className="who">
      <span className="quiet-word">{say('operator')}</span> <bdi>{operator?.name ?? say('operator.nobody')}</bdi>
      {raised === null ? null : <span className="who-raised"> {say(`role.${raised.role}`)} <bdi>{raised.name}</bdi> {leftMs > 0 ? say('pin.left', { n: Math.ceil(leftMs / MINUTE_MS) }) : null}</span>}
      {operator === null ? null : <button type="button" className="quiet" onClick={() => send('CM:LEAVE')}>{say('operator.leave')}</button>}
    </p>
  )
}
