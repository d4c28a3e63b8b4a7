/** What a demonstration adds to a virtual operator's day: units that failed are set aside, and let go in the morning. All through the door. */
import type { DoorAnswer, DoorName, UnitView } from '#shared'

interface Door { ask(name: DoorName, params: unknown): Promise<DoorAnswer> }

/** By their tags. */
export async function holdFailed(door: Door, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const unit = unitsOf(await door.ask('units.find', { text: tag, limit: 1 }))[0]
    if (unit?.hold === null) await door.ask('unit.hold', { unit: unit.uid, reason: unit.fault?.code ?? 'no proof' })
  }
}

export async function releaseHolds(door: Door): Promise<void> {
  for (const { uid } of unitsOf(await door.ask('hold.list', {}))) await door.ask('unit.release', { unit: uid, reason: 'a new day of the demonstration' })
}

function unitsOf(answer: DoorAnswer): readonly UnitView[] {
  return answer.ok ? answer.value as readonly UnitView[] : [] // the door table's type for both names
}
