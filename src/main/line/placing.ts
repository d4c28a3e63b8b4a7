/** Puts the units that are here on the lanes the switch tells. Two units behind one port are put on none: nobody knows which box is which. */
import type { UnitId } from '#shared'
import type { Lanes } from '../bench/lanes.ts'
import type { Ledger } from '../bench/ledger.ts'
import type { Unit } from '../domain/unit.ts'

/** The units whose lane has changed. */
export function placeUnits(ledger: Ledger, lanes: Pick<Lanes, 'laneOf' | 'view'>): readonly UnitId[] {
  if (!lanes.view().isOn) return [] // most benches; reading every unit is dear
  const byLane = new Map<number, Unit[]>()
  for (const unit of ledger.unitsHere()) {
    const lane = laneOf(unit, lanes)
    if (lane !== null) byLane.set(lane, [...byLane.get(lane) ?? [], unit])
  }
  const changed: UnitId[] = []
  for (const [lane, units] of byLane) {
    const to = units.length === 1 ? lane : null
    for (const unit of units.filter(u => u.lane !== to)) {
      ledger.commit(tx => {
        tx.append({ unit: unit.uid, body: { kind: 'unit.placed', lane: to } })
        if (to === null) tx.append({ unit: unit.uid, body: { kind: 'fault.raised', fault: { code: 'lane.shared', context: { lane } } } })
      })
      changed.push(unit.uid)
    }
  }
  return changed
}

function laneOf(unit: Unit, lanes: Pick<Lanes, 'laneOf'>): number | null {
  return unit.aliases.flatMap(a => a.kind === 'mac' ? lanes.laneOf(a.value) ?? [] : [])[0] ?? null
}
