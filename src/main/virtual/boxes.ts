/** The boxes of one exercise: virtual units, cameras and at most one foreign recorder, by number, with what hands may do to each. */
import type { BenchView, BoxView, Hand, UnitId } from '#shared'
import { Fault } from '../domain/fault.ts'
import { BOX_HANDS, type BoxPlan } from './exercises.ts'
import { ForeignDhcp } from './foreign-dhcp.ts'
import type { VirtualUnit } from './unit.ts'
import type { World } from './world.ts'

type Reads = 'nothing' | 'codes' | 'old-code'
/** `lane`: the one it was brought to; the switch sees a link once the box has power too. */
interface Box { readonly unit: VirtualUnit; reads: Reads; uid: UnitId | null; lane: number | null }

export class Boxes implements AsyncDisposable {
  readonly #world: World
  readonly #plans: readonly BoxPlan[]
  readonly #boxes = new Map<number, Box>()
  #foreign: ForeignDhcp | null = null
  /** The first the display showed: somebody took a photo of it. */
  #photo: string | null = null

  constructor(world: World, plans: readonly BoxPlan[]) {
    this.#world = world
    this.#plans = plans
  }

  async deliver(): Promise<void> {
    this.#plans.forEach(({ method, product, fault = null }, i) => {
      if (method === 'foreign') return
      const [unit] = this.#world.deliver(method, 1, () => fault, { product, owner: 'exercise' })
      if (unit) this.#boxes.set(i + 1, { unit, reads: 'nothing', uid: null, lane: null })
    })
    await Promise.resolve()
  }

  async plugForeign(): Promise<void> {
    this.#foreign ??= await ForeignDhcp.plugInto(this.#world.lan, this.#world.clock)
  }

  has(n: number): boolean {
    return this.#boxes.has(n) || this.#isForeign(n)
  }

  isWired(n: number): boolean {
    return this.#boxes.get(n)?.unit.profile.method === 'wired'
  }

  label(n: number): string {
    return this.#boxes.get(n)?.unit.profile.label ?? ForeignDhcp.mac.toUpperCase()
  }

  macOf(n: number): string | null {
    return this.#boxes.get(n)?.unit.profile.mac ?? null
  }

  unitOf(n: number): UnitId | null {
    return this.#boxes.get(n)?.uid ?? null
  }

  numberOf(unit: UnitId): number | null {
    return [...this.#boxes].find(([, box]) => box.uid === unit)?.[0] ?? null
  }

  /** Faults: `door.invalid` for a box that is not there. */
  handle(n: number, hand: Hand): void {
    const box = this.#boxes.get(n)
    if (box === undefined) {
      if (!this.#isForeign(n)) throw new Fault('door.invalid', { text: 'no such box' })
      if (hand === 'unplug') this.#foreign?.unplug()
      if (hand === 'plug') this.#foreign?.plug()
      return
    }
    const { unit } = box
    if (hand === 'plug') unit.plug()
    if (hand === 'unplug') unit.unplug()
    if (hand === 'power') unit.powerOn()
    if (hand === 'reset') unit.pressReset()
    if (box.lane !== null && unit.isPowered) this.#world.switch.cable(unit.profile.mac, box.lane)
  }

  /** Its cable goes to this lane. */
  bring(n: number, lane: number): void {
    const box = this.#boxes.get(n)
    if (box !== undefined) box.lane = lane
    this.handle(n, 'plug')
  }

  /** `old-code`: the photo, whatever the display shows now. */
  read(n: number, reads: Reads): void {
    const box = this.#boxes.get(n)
    if (box === undefined) return
    box.reads = reads
    if (reads === 'old-code' && this.#photo !== null) box.unit.readCode(this.#photo)
  }

  /** Which unit each box is to the station, and what cameras see. */
  async follow(bench: BenchView, code: () => Promise<string | null>): Promise<void> {
    for (const box of this.#boxes.values()) box.uid ??= [...bench.units, ...bench.scan?.unit ? [bench.scan.unit] : []].find(u => u.aliases.some(a => (a.kind === 'tag' && a.value === box.unit.profile.label.toUpperCase()) || (a.kind === 'mac' && a.value === box.unit.profile.mac)))?.uid ?? null
    const cameras = [...this.#boxes.values()].filter(b => b.unit.profile.method === 'qr')
    if (cameras.length === 0) return
    const shown = await code()
    this.#photo ??= shown
    if (shown !== null) for (const { unit, reads } of cameras) if (reads === 'codes') unit.readCode(shown)
  }

  views(): BoxView[] {
    const own = [...this.#boxes].map(([n, { unit: { profile, state, isPowered } }]) => ({
      n, label: profile.label, mac: profile.mac, isPlugged: state.isPlugged, isPowered, hands: profile.method === 'qr' ? BOX_HANDS.filter(h => h !== 'plug' && h !== 'unplug') : BOX_HANDS
    }))
    const foreign = this.#foreign === null ? [] : [{ n: this.#foreignNumber, label: '', mac: ForeignDhcp.mac, isPlugged: this.#foreign.isPlugged, isPowered: true, hands: ['plug', 'unplug'] as const }]
    return [...own, ...foreign]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#foreign?.[Symbol.dispose]()
    this.#foreign = null
    const units = [...this.#boxes.values()].map(b => b.unit)
    this.#boxes.clear()
    for (const unit of units) await this.#world.sendOn(unit)
  }

  get #foreignNumber(): number {
    return this.#plans.findIndex(p => p.method === 'foreign') + 1
  }

  #isForeign(n: number): boolean {
    return this.#foreign !== null && n === this.#foreignNumber
  }
}
