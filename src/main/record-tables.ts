/** What is kept, as plain text for a terminal. Words from units are shown so that nothing in them steers it. */
import { counted, FAULTS, type AsideView, type FactView, type Instant, type SavedView, type SyncView, type TimelineView } from '#shared'

const BODY_MAX = 160
/** facts/tuya.md 7.3. */
const VENDOR_EVENTS: Readonly<Record<number, string>> = { 1: 'online', 2: 'offline', 3: 'activated', 4: 'reset', 6: 'firmware', 9: 'restart' }

export function timelineText({ unit, stays, attempts, facts, isWhole, away, vendor, transcripts }: TimelineView): string {
  const names = unit.aliases.map(a => `${a.kind} ${plain(a.value)}`).join(', ')
  const tries = attempts.map(a => `  try ${a.attempt}, ${a.method} by ${a.account}, ${a.operator === null ? 'nobody' : plain(a.operator)}: ${timeText(a.openedAt)}${a.askedAt === null ? '' : `, asked ${timeText(a.askedAt)}`}${a.outcome === null ? ', open' : `, ${a.outcome}${a.grade === null ? '' : ` ${a.grade}`}`}${a.fault === null ? '' : `, ${FAULTS[a.fault.code].title.en} (${a.fault.code})`}`)
  return [`${plain(unit.name)}: ${names}`, `product ${unit.product ?? 'unknown'}, ${stays === 1 ? 'first stay' : `stay ${stays}`}`, ...tries, '', ...away === 0 ? [] : [`not here: ${counted(away, 'file')} of history; put back into the archive folder beside the ledger, all of it can be seen`], ...isWhole ? [] : ['older facts are left out'], ...facts.map(factText), ...vendor.length === 0 ? [] : ['', "the vendor's own log:", ...vendor.map(row => `  ${timeText(row.at)}  ${VENDOR_EVENTS[row.event] ?? `event ${row.event}`}  ${plain([row.code, row.value].filter(t => t !== '').join(' = '))}`)],
    ...transcripts.flatMap(run => ['', `console, ${plain(run.recipe)}, ${timeText(run.at)}:`, ...run.text.trimEnd().split('\n').map(line => `  ${plain(line)}`)])].join('\n')
}

export function viewsText(views: readonly SavedView[]): string {
  return views.length === 0 ? 'no view is saved' : views.map(view => `${plain(view.name)}${view.owner === null ? ' (for all)' : ''}  ${JSON.stringify(view.filter)}`).join('\n')
}

export function syncText(views: readonly SyncView[]): string {
  if (views.length === 0) return 'history stays on this station'
  return views.map(s => `${s.destination}: ${s.acked} of ${counted(s.last, 'fact')}${s.oldestUnsentAt === null ? '' : `, oldest unsent ${timeText(s.oldestUnsentAt)}`}${s.aside > 0 ? `, ${s.aside} set aside` : ''}${s.fault ? `, ${FAULTS[s.fault.code].title.en} (${s.fault.code})` : ''}`).join('\n')
}

export function asideText(views: readonly AsideView[]): string {
  if (views.length === 0) return 'nothing is set aside'
  return ['set aside:', ...views.map(a => `  ${a.destination}: fact ${a.seq} ${a.kind}, ${timeText(a.at)}, ${FAULTS[a.fault.code].title.en} ${JSON.stringify(a.fault.context)}`)].join('\n')
}

const factText = (f: FactView): string => `${`${f.station === undefined ? '' : 'before '}${f.seq}`.padStart(8)}  ${timeText(f.at)}  ${f.kind.padEnd(16)} ${plain(JSON.stringify(f.body)).slice(0, BODY_MAX)}`
const timeText = (at: Instant): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
