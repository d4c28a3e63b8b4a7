/** The figures of the day: the shift, how many units stand at which stage, and what is left of the day's quota. */
import type { ReactNode } from 'react'
import { STAGES, type BenchView, type QuotaView } from '#shared'
import { DASH, useIsOlder } from '../common/age.tsx'
import { useSpeech } from '../common/page.tsx'

/** Boxes of the quota that have room beside the figures at every size; the rest is counted. */
const QUOTAS_MAX = 3

export function Figures(props: Pick<BenchView, 'shift' | 'queue' | 'quota'>): ReactNode {
  const { say, number, percent } = useSpeech()
  const { shift, queue } = props
  const quota = byUse(props.quota)
  const more = quota.length - QUOTAS_MAX
  return (
    <div className="figures">
      <dl className="figure-group" aria-label={say('shift.label')}>
        <div><dt>{say('shift.units')}</dt><dd>{say('shift.of', { n: shift.released, of: shift.closed })}</dd></div>
        <div><dt>{say('shift.per-hour')}</dt><dd>{number(shift.perHour)}</dd></div>
        <div><dt>{say('shift.first-pass')}</dt><dd>{shift.closed === 0 ? DASH : percent(shift.firstPass)}</dd></div>
      </dl>
      <dl className="figure-group stages" aria-label={say('queue.label')}>
        {STAGES.map(stage => (
          <div key={stage} className={queue[stage] === 0 ? 'is-zero' : undefined}>
            <dt>{say(`stage.${stage}`)}</dt><dd>{number(queue[stage])}</dd>
          </div>
        ))}
      </dl>
      <ul className="quotas" aria-label={say('quota.label')}>
        {quota.slice(0, QUOTAS_MAX).map(q => <Quota key={`${q.scope} ${q.key}`} quota={q} />)}
        {more > 0 ? <li className="quota-more">{say('quota.more', { n: more })}</li> : null}
      </ul>
    </div>
  )
}

/** The account first, then the products that have used the most. */
function byUse(quota: readonly QuotaView[]): readonly QuotaView[] {
  const rank = (q: QuotaView): number => q.scope === 'account' ? Number.MAX_SAFE_INTEGER : q.spent + q.reserved
  return quota.toSorted((a, b) => rank(b) - rank(a))
}

function Quota(props: { readonly quota: QuotaView }): ReactNode {
  const { say, words, time } = useSpeech()
  const { cap, spent, reserved, scope, goneAt } = props.quota
  const left = Math.max(0, cap - spent - reserved)
  const isAhead = !useIsOlder(goneAt ?? null, 0)
  const share = (n: number): string => `${cap === 0 ? 0 : Math.min(100, 100 * n / cap)}`
  return (
    <li className={left === 0 ? 'quota quota-gone' : 'quota'}>
      <p className="quota-line"><span className="quota-name">{scope === 'account' ? say('quota.account') : null} <bdi>{words(props.quota.name)}</bdi></span> <strong>{say('quota.left', { left })}</strong></p>
      <svg className="quota-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="quota-all" width="100" height="6" />
        <rect className="quota-spent" width={share(spent)} height="6" />
        <rect className="quota-reserved" x={share(spent)} width={share(reserved)} height="6" />
      </svg>
      <p className="quota-line quiet-word"><span title={say('quota.of', { spent, reserved, cap })}>{spent}{reserved === 0 ? null : <span className="quota-used-reserved"> + {reserved}</span>}{isAhead && goneAt != null ? null : <> / {cap}</>}</span>{goneAt == null || !isAhead ? null : <strong>{say('quota.gone', { time: time(goneAt) })}</strong>}</p>
    </li>
  )
}
