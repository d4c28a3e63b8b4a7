/** Views as plain text for a terminal: words left, figures right, ages from the station's own clock. */
import { FAULTS, type FactView, type FaultView, type Instant, type Lamp, type NetworkView, type StatusView, type UnitView } from '#shared'

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
    ...listed('never proven', view.neverProvenProducts)
  ])
}

export function unitsText(units: readonly UnitView[]): string {
  if (units.length === 0) return 'no units'
  return table(['unit', 'product', 'how', 'lane', 'address', 'stage', 'try', 'outcome', 'why', 'id'], units.map(u => [
    u.name, u.productName ?? u.product, u.method, u.lane === null ? null : `P${String(u.lane).padStart(2, '0')}`, u.ip, u.hold ? `hold: ${u.hold.reason}` : u.stage, u.attempt,
    u.outcome === null ? null : u.grade === null ? u.outcome : `${u.outcome} ${u.grade}`, u.fault && faultText(u.fault), u.uid
  ]))
}

export function historyText(facts: readonly FactView[]): string {
  if (facts.length === 0) return 'no history'
  return table(['seq', 'time', 'fact', 'unit', 'what'], facts.map(f => [f.seq, timeText(f.at), f.kind, f.unit, JSON.stringify(f.body)]))
}

export function networkText(view: NetworkView): string {
  const { card, dhcp, lan } = view
  const head = columns([
    ['card', card === null ? 'none' : `${card.name} ${card.mac} ${card.address ?? 'without address'}, ${card.up ? 'up' : 'down'}${card.binding === 'address' ? ', bound by address only' : ''}`],
    ['dhcp', `${dhcp.state}, ${dhcp.poolUsed} of ${dhcp.poolSize} lent${dhcp.fault ? `, ${faultText(dhcp.fault)}` : ''}`],
    ['', countersText(dhcp.counters)],
    ['lan', `listening on ${lan.listening.join(', ') || 'nothing'}${lan.fault ? `, ${faultText(lan.fault)}` : ''}`],
    ['', countersText(lan.counters)]
  ].filter(([name, value]) => name !== '' || value !== ''))
  if (view.leases.length === 0) return `${head}\n\nno leases`
  return `${head}\n\n${table(['address', 'mac', 'state', 'until', 'host', 'vendor'], view.leases.map(l => [l.ip, l.mac, l.state, timeText(l.until), l.hostName, l.vendorClass]))}`
}

const lampText = (lamp: Lamp): string => `${lamp.name} ${lamp.state}${lamp.fault ? `, ${faultText(lamp.fault)}` : ''}`
const countersText = (counters: Readonly<Record<string, number>>): string => Object.entries(counters).map(([name, n]) => `${name} ${n}`).join(', ')
const faultText = (fault: FaultView): string => `${FAULTS[fault.code].title.en} (${fault.code})`
const timeText = (at: Instant): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** The name stands on the first line only. */
const listed = (name: string, values: readonly string[]): (readonly [string, string])[] => values.map((value, i) => [i === 0 ? name : '', value])

function columns(rows: readonly (readonly string[])[]): string {
  return rows.map(([name = '', value = '']) => `${name.padEnd(13)} ${plain(value, 200)}`.trimEnd()).join('\n')
}

function table(heads: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = [heads, ...rows.map(row => row.map(cell => cell === null ? '-' : plain(String(cell), CELL_MAX)))]
  const widths = heads.map((_, i) => Math.max(...cells.map(row => row[i]?.length ?? 0)))
  return cells.map(row => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()).join('\n')
}

/** Host names and labels come from units: nothing in them may steer the terminal. */
function plain(text: string, max: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean
}
