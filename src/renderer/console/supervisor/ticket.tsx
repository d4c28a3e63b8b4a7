/** The text of a ticket that asks the vendor for a higher limit: our own figures, in either language, to be copied. */
import { useState, type ReactNode } from 'react'
import { LANGUAGES, type FiguresView, type Language, type PlanView, type QuotaView } from '#shared'
import { SPEECHES, type Speech } from '../../common/language.ts'
import { useSpeech } from '../../common/page.tsx'
import { useView } from '../use-view.ts'

/** Enough for the worst day for some weeks, in round figures. */
const ROUND = 50

/** Pure: what the ticket says. */
export function ticketText({ say, words, percent }: Speech, quota: readonly QuotaView[], figures: FiguresView | null, plan: PlanView | null): string {
  const waiting = plan === null ? 0 : plan.counts.tomorrow
  const lines = quota.filter(q => q.spent + q.reserved >= q.cap * 0.8 || waiting > 0).map(q => {
    const wanted = Math.max(Math.ceil((q.cap + waiting) / ROUND) * ROUND, q.cap + ROUND) // a ticket never asks for what there is
    return say('ticket.line', { name: words(q.name), kind: say(q.scope === 'account' ? 'ticket.account' : 'ticket.product'), key: q.key, cap: q.cap, spent: q.spent + q.reserved, wanted })
  })
  const closed = figures?.hours.reduce((n, h) => n + h.closed, 0) ?? 0
  const proven = figures?.hours.reduce((n, h) => n + h.proven, 0) ?? 0
  return [
    say('ticket.subject'), '', say('ticket.who'), '', ...lines.length > 0 ? lines : [say('ticket.enough')], '',
    say('ticket.work', { closed, proven, share: percent(closed === 0 ? 0 : proven / closed), waiting, days: plan?.daysMin ?? 0 }), say('ticket.why')
  ].join('\n')
}

export function Ticket(props: { readonly quota: readonly QuotaView[] }): ReactNode {
  const { say, language } = useSpeech()
  const [of, setOf] = useState<Language>(language)
  const figures = useView('supervisor.figures', {}, null).value
  const plan = useView('quota.plan', {}, null).value
  if (plan === null || figures === null) return <p className="quiet-word">{say('loading')}</p>
  const text = ticketText(SPEECHES[of], props.quota, figures, plan)
  return (
    <div className="panel ticket">
      <p className="acts">{LANGUAGES.map(l => <button key={l} type="button" aria-pressed={l === of} onClick={() => setOf(l)}>{say(`ticket.in.${l}`)}</button>)}
        <button type="button" onClick={() => { navigator.clipboard.writeText(text).catch(() => undefined) }}>{say('ticket.copy')}</button></p>
      <textarea readOnly rows={10} aria-label={say('ticket.label')} value={text} lang={of} />
    </div>
  )
}
