/** Views as plain text for a terminal: words left, figures right, ages from the station's own clock. */
import { FAULTS, WHY_CHECKS, type FactView, type FaultView, type Instant, type Lamp, type NetworkView, type StatusView, type UnitView, type WhyView, type PortsView, type RecipeView } from '#shared'

const CELL_MAX = 60

export function statusText(view: StatusView): string {
  const quota = view.quota.map(q => `${q.scope} ${q.key}: ${q.spent} spent, ${q.reserved} reserved of ${q.cap}`)
  const sync = view.sync.map(s => `${s.destination}: ${s.acked} of ${s.last} delivered${s.aside > 0 ? `, ${s.aside} set aside` : ''}${s.fault ? `, ${faultText(s.fault)}` : ''}`)
  return columns([
    ['station', `${view.station}, version ${view.version}`],
    ['mode', view.mode === 'training' ? 'TRAINING' : view.mode],
    ['running', view.isRunning ? 'yes' : 'no, read from the ledger'],
    ['time', timeText(view.clock.now)],
    ['operator', view.operator ?? 'nobody'],
    ['units', `${view.units.known} known, ${view.units.open} open`],
    ['outcomes', Object.entries(view.outcomes).map(([name, n]) => `${name} ${n}`).join(', ')],
    ...listed('quota', quota),
    ...listed('history', sync),
    ...listed('lamps', view.lamps.map(lampText)),
    ...listed('not proven', view.neverProvenProducts.map(product => `${product}: never proven on a real unit of this product${view.mode === 'live' ? '; one unit at a time until one is' : ''}`)),
    ...listed('reboot', view.timing.map(t => `${t.product}: ${t.seconds} s${t.measured > 0 ? `, ${t.measured} measured` : ''}`))
  ])
}

export function unitsText(units: readonly UnitView[]): string {
  if (units.length === 0) return 'no units'
  return table(['unit', 'product', 'how', 'lane', 'address', 'stage', 'try', 'outcome', 'why', 'id'], units.map(u => [
    u.name, u.productName?.en ?? u.product, u.method, u.lane === null ? null : `P${String(u.lane).padStart(2, '0')}`, u.ip, u.hold ? `hold: ${u.hold.reason}` : u.stage, u.attempt,
    u.outcome === null ? null : u.grade === null ? u.outcome : `${u.outcome} ${u.grade}`, u.fault && faultText(u.fault), u.uid
  ]))
}

export function historyText(facts: readonly FactView[]): string {
  if (facts.length === 0) return 'no history'
  return table(['seq', 'time', 'fact', 'unit', 'what'], facts.map(f => [f.seq, timeText(f.at), f.kind, f.unit, JSON.stringify(f.body)]))
}

export function networkText(view: NetworkView): string {
  const { card, dhcp, lan, wayOut } = view
  const head = columns([
    ['card', card === null ? 'none' : `${card.name} ${card.mac} ${card.address ?? 'without address'}, ${card.up ? 'up' : 'down'}${card.binding === 'address' ? ', bound by its address only: hears other networks too' : ''}`],
    ['dhcp', `${dhcp.state}, ${dhcp.poolUsed} of ${dhcp.poolSize} lent${dhcp.fault ? `, ${faultText(dhcp.fault)} ${countersText(dhcp.fault.context)}` : ''}`],
    ['', talliesText(dhcp.counters)],
    ['lan', `listening on ${lan.listening.join(', ') || 'nothing'}${lan.fault ? `, ${faultText(lan.fault)}` : ''}`],
    ['', talliesText(lan.counters)],
    ...(wayOut ? [['way out', `${wayOut.state}, by ${wayOut.way}${wayOut.fault ? `, ${faultText(wayOut.fault)}` : ''}`], ...wayOut.steps.map(s => ['', `${s.isOk ? 'ok' : 'FAILS'}  ${s.name}: ${s.text}`])] : [])
  ].filter(([name, value]) => name !== '' || value !== ''))
  if (view.leases.length === 0) return `${head}\n\nno leases`
  return `${head}\n\n${table(['address', 'mac', 'state', 'until', 'host', 'vendor'], view.leases.map(l => [l.ip, l.mac, l.state, timeText(l.until), l.hostName, l.vendorClass]))}`
}

const WHY_STATE = { ok: 'fine', bad: 'HERE', unknown: 'cannot tell' } as const

export function whyText(view: WhyView): string {
  const { name, mac, ip, lane, checks } = view
  if ((name ?? mac ?? ip ?? lane) === null) return 'nothing is known by that name: say a MAC, a lane such as P03, or a whole name that `unbindery units` shows'
  const who = [name, mac, ip, lane === null ? null : `P${String(lane).padStart(2, '0')}`].filter(x => x !== null).join(', ')
  const rows = checks.map(c => [WHY_STATE[c.state], WHY_CHECKS[c.name].en, c.fault && FAULTS[c.fault.code].title.en, countersText({ ...c.seen, ...c.fault?.context }) || null])
  const next = checks[0]?.state === 'bad' && checks[0].fault ? `\n\n${FAULTS[checks[0].fault.code].action.en}` : ''
  return `${who}\n\n${table(['', 'looked at', 'found', 'details'], rows)}${next === '' && checks.every(c => c.state !== 'bad') ? '\n\nNothing stands in its way.' : next}`
}

export function portsText(view: PortsView): string {
  const fault = view.fault === null ? '' : `\n${faultText(view.fault)}`
  if (view.ports.length === 0) return `no serial adapters${fault}`
  return table(['path', 'usb', 'serial', 'label', 'role', 'lanes', 'there'], view.ports.map(p => [
    p.path, p.usb, p.serial, p.label, p.role === 'relay' ? `relay ${p.board ?? ''}` : p.role, p.lane ?? (p.lanes.length > 0 ? p.lanes.map(lane => lane ?? '-').join(',') : null), p.isThere ? p.isNamed ? 'by name' : 'yes' : 'no'
  ]), 120) + fault
}

export function recipesText(recipes: readonly RecipeView[]): string {
  return table(['recipe', 'version', 'danger', 'verified', 'from', 'title'], recipes.map(r => [r.id, r.version, r.danger, r.runs === 0 ? null : `${r.verified} of ${r.runs}`, r.isShipped ? 'station' : 'bench', r.title.en]))
}

const lampText = (lamp: Lamp): string => `${lamp.name} ${lamp.state}${lamp.fault ? `, ${faultText(lamp.fault)}` : ''}`
/** What has not happened is not told. */
const talliesText = (counters: Readonly<Record<string, number>>): string => countersText(Object.fromEntries(Object.entries(counters).filter(([, n]) => n > 0)))
const countersText = (counters: Readonly<Record<string, string | number>>): string => Object.entries(counters).map(([name, n]) => `${name} ${n}`).join(', ')
const faultText = (fault: FaultView): string => `${FAULTS[fault.code].title.en} (${fault.code})`
const timeText = (at: Instant): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** The name stands on the first line only. */
const listed = (name: string, values: readonly string[]): (readonly [string, string])[] => values.map((value, i) => [i === 0 ? name : '', value])

function columns(rows: readonly (readonly string[])[]): string {
  return rows.map(([name = '', value = '']) => `${name.padEnd(13)} ${plain(value, 200)}`.trimEnd()).join('\n')
}

function table(heads: readonly string[], rows: readonly (readonly (string | number | null)[])[], max = CELL_MAX): string {
  const cells = [heads, ...rows.map(row => row.map(cell => cell === null ? '-' : plain(String(cell), max)))]
  const widths = heads.map((_, i) => Math.max(...cells.map(row => row[i]?.length ?? 0)))
  return cells.map(row => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()).join('\n')
}

/** Host names and labels come from units: nothing in them may steer the terminal. */
function plain(text: string, max: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean
}
