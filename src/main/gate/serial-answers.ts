/** The handlers of serial adapters, lane power and recipes. Roles are given by people only; nothing here sends to find out. */
import type { DoorName, DoorParams, PortsView, PortView, RecipeView, UnitId } from '#shared'
import type { ConsoleBench } from '../bench/console-bench.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { PortRole, SerialPortView } from '../bench/serial-ports.ts'
import { Fault } from '../domain/fault.ts'
import type { Handlers } from './gate.ts'

const SERIAL_ROWS = ['ports.list', 'ports.bind', 'power.test', 'recipe.list', 'recipe.allow'] as const satisfies readonly DoorName[]
export type SerialHandlers = Pick<Handlers, (typeof SERIAL_ROWS)[number]>

export interface SerialSources { readonly bench: ConsoleBench; readonly ledger: Ledger; readonly lanes: number; readonly signal: AbortSignal }

export function serialHandlers({ bench, ledger, lanes, signal }: SerialSources): SerialHandlers {
  const { serialPorts, power, book } = bench
  const view = (): PortsView => ({
    ports: serialPorts.list().map(portView), fault: serialPorts.fault?.toView() ?? null,
    trustedLanes: Array.from({ length: lanes }, (_, i) => i + 1).filter(lane => power.isTrusted(lane))
  })
  return {
    'ports.list': () => view(),
    'ports.bind': order => {
      serialPorts.bind(order.path, roleOf(order))
      return view()
    },
    'power.test': async ({ lane }, by) => {
      await power.test(lane, by.begin, signal)
      return view()
    },
    'recipe.list': () => recipes(bench, ledger),
    'recipe.allow': ({ unit }, by) => {
      const uid = unit as UnitId // looked up here; an unknown one is refused
      const job = ledger.job(ledger.unit(uid)?.job ?? null)
      if (job?.stage !== 'resetting') throw new Fault('door.invalid', { unit })
      by.begin() // the word starts what erases
      ledger.append({ unit: uid, job: job.uid, body: { kind: 'recipe.allowed' } })
      return recipes({ book }, ledger)
    }
  }
}

/** Of a station that is not running. */
export function serialRefusals(): SerialHandlers {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'ports.list': refuse, 'ports.bind': refuse, 'power.test': refuse, 'recipe.list': refuse, 'recipe.allow': refuse }
}

/** Every recipe with how it has done. */
export function recipes({ book }: Pick<ConsoleBench, 'book'>, ledger: Ledger): RecipeView[] {
  const counted = ledger.db.all<{ recipe: string; version: number; runs: number; verified: number }>(
    `SELECT json_extract(body, '$.recipe') AS recipe, json_extract(body, '$.version') AS version, count(*) AS runs, sum(json_extract(body, '$.verdict') = 'verified') AS verified
     FROM fact WHERE kind = 'recipe.ended' GROUP BY 1, 2`)
  return Array.from(book.recipes.values(), ({ recipe, isShipped }) => {
    const row = counted.find(r => r.recipe === recipe.id && r.version === recipe.version)
    return { id: recipe.id, version: recipe.version, title: recipe.title, for: recipe.for, danger: recipe.danger, isShipped, runs: row?.runs ?? 0, verified: row?.verified ?? 0 }
  })
}

function portView({ path, label, usb, serial, role, isThere, isNamed }: SerialPortView): PortView {
  return {
    path, label, usb, serial, isThere, isNamed, role: role?.kind ?? null, lane: role?.kind === 'console' ? role.lane : null,
    board: role?.kind === 'relay' ? role.board : null, lanes: role?.kind === 'relay' ? role.lanes : []
  }
}

/** Faults: `door.invalid` when the role lacks its part. */
function roleOf({ role, lane, board, lanes }: DoorParams<'ports.bind'>): PortRole | null {
  switch (role) {
    case 'none': return null
    case 'scanner': case 'ignore': return { kind: role }
    case 'console':
      if (lane === undefined) throw new Fault('door.invalid', { text: 'a console needs its lane' })
      return { kind: 'console', lane }
    case 'relay':
      if (board === undefined || lanes === undefined) throw new Fault('door.invalid', { text: 'a relay needs its board and lanes' })
      return { kind: 'relay', board, lanes }
    default: return role satisfies never
  }
}
