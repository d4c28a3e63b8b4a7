/** The handlers behind the door table: what each query reads and which act each command is. */
import type { FaultCode, ScanAnswer, UnitId, UnitView, WaveId, WaveView } from '#shared'
import type { Ledger } from './bench/ledger.ts'
import type { Pictures } from './bench/pictures.ts'
import type { Why } from './bench/why.ts'
import { Fault } from './domain/fault.ts'
import type { CareHandlers } from './gate/care-answers.ts'
import type { CloudHandlers } from './gate/cloud-answers.ts'
import type { Handlers } from './gate/gate.ts'
import type { PaperHandlers } from './gate/paper-answers.ts'
import { twoBadges, type PeopleHandlers } from './gate/people-answers.ts'
import { unitNamed, type RecordHandlers } from './gate/record-answers.ts'
import type { SerialHandlers } from './gate/serial-answers.ts'
import type { SettingsHandlers } from './gate/settings-answers.ts'
import type { SupervisorHandlers } from './gate/supervisor-answers.ts'
import type { Projector } from './gate/projector.ts'
import type { TerminalHandlers } from './gate/terminal-answers.ts'
import type { TrainingHandlers } from './gate/training-answers.ts'
import type { Acts } from './line/acts.ts'
import type { Clock } from './ports.ts'
import { normaliseMac } from './wire/label.ts'

interface Answerers { readonly clock: Clock; readonly why: Why; readonly signal: AbortSignal; readonly acts: Acts; readonly ledger: Ledger; readonly projector: Projector; readonly pictures: Pictures; readonly setRate: (rate: 1 | 20) => number }
/** Those of the cloud side have a file of their own (gate/cloud-answers.ts). */
type OwnHandlers = Omit<Handlers, keyof CareHandlers | keyof CloudHandlers | keyof SerialHandlers | keyof SettingsHandlers | keyof TerminalHandlers | keyof TrainingHandlers | keyof PaperHandlers | keyof PeopleHandlers | keyof SupervisorHandlers | keyof RecordHandlers>

type Readers = Pick<Handlers, 'status' | 'bench.view' | 'display.view' | 'network.view' | 'network.leases' | 'units.find' | 'history.list'>

/** Queries; they work on a closed station's ledger too. */
export function readersOf(projector: Projector): Readers {
  return {
    'status': () => projector.status(),
    'bench.view': () => projector.bench(),
    'display.view': p => projector.display(p.rack),
    'network.view': () => projector.network(),
    'network.leases': () => projector.leases(),
    'units.find': p => projector.units(definedOf(p), p.limit ?? 50),
    'history.list': p => projector.history(definedOf(p), p.limit ?? 100)
  }
}

export function handlersOf({ clock, why, signal, acts, ledger, projector, pictures, setRate }: Answerers): OwnHandlers {
  const unitView = (uid: UnitId): UnitView => {
    const unit = ledger.unit(uid)
    if (!unit) throw new Fault('door.invalid', { unit: uid })
    return projector.unit(unit)
  }
  const waveView = (uid: WaveId): WaveView => {
    const wave = ledger.wave(uid)
    if (!wave) throw new Fault('wave.none')
    return projector.wave(wave)
  }
  const about = (name: string, act: (unit: UnitId) => void): UnitView => {
    const { uid } = unitNamed(ledger, name)
    act(uid)
    return unitView(uid)
  }
  const scanned = (text: string, act: (text: string) => ReturnType<Acts['scan']>): ScanAnswer => {
    try {
      const { heard, unit, note, code = text } = act(text)
      projector.noteScan({ text: shownScan(code), at: clock.now(), fault: null, heard, note, unit })
      return { heard, unit: unit === null ? null : unitView(unit), note }
    } catch (thrown) {
      const fault = Fault.from(thrown).toView()
      const { code = text } = fault.context // what is kept of a unit's label
      projector.noteScan({ text: HIDDEN.has(fault.code) ? hiddenScan(text) : shownScan(String(code)), at: clock.now(), fault })
      throw thrown
    }
  }
  return {
    ...readersOf(projector),
    'scan': ({ text }) => scanned(text, code => acts.scan(code)),
    'relay.picture': async ({ picture }) => {
      acts.assertRelaying()
      return scanned(await pictures.read(picture, signal), code => acts.relayed(code))
    },
    'unit.why': ({ mac: text, lane, unit }) => {
      const mac = text === undefined ? undefined : normaliseMac(text)
      if (mac === null) throw new Fault('door.invalid', { text: 'not a MAC' })
      return why.ask({ mac, lane, unit }, signal)
    },
    'unit.hold': p => about(p.unit, unit => acts.hold(unit, p.reason)),
    'unit.release': (p, by) => about(p.unit, unit => acts.release(unit, p.reason, twoBadges(by))),
    'unit.again': p => about(p.unit, unit => acts.again(unit)),
    'unit.light': p => about(p.unit, unit => acts.stateLight(unit, p.light)),
    'unit.method': p => about(p.unit, unit => acts.setMethod(unit, p.method)),
    'wave.start': p => waveView(acts.startWave(definedOf(p))),
    'wave.stop': p => {
      const uid = p.wave as WaveId // an unknown one is refused by the act
      acts.stopWave(uid)
      return waveView(uid)
    },
    'operator.leave': () => {
      acts.signOut()
      return null
    },
    'training.pace': p => ({ rate: setRate(p.rate) })
  }
}

/** Every command of a station that is not running. */
export function refusals(): Omit<OwnHandlers, keyof Readers> {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return {
    'scan': refuse, 'relay.picture': refuse, 'unit.why': refuse, 'unit.hold': refuse, 'unit.release': refuse, 'unit.again': refuse, 'unit.light': refuse, 'unit.method': refuse,
    'wave.start': refuse, 'wave.stop': refuse, 'operator.leave': refuse, 'training.pace': refuse
  }
}

/** What a chip may show of a scan: printable and short. */
function shownScan(text: string): string {
  if (text.normalize('NFKC').trim().startsWith('{')) return hiddenScan(text) // a pairing code, ours or the phone's
  return text.replaceAll(/[^\x20-\x7e\u4e00-\u9fff]/g, '·').slice(0, 40)
}

/** What made no sense may be the rack's own code, which holds the Wi-Fi password and a token; what is of no unit may be a key; a picture shows whatever was before the camera. */
const HIDDEN: ReadonlySet<FaultCode> = new Set(['scan.unreadable', 'scan.not-one-unit', 'picture.other-code'])
function hiddenScan(text: string): string {
  return '•'.repeat(Math.min(text.length, 8))
}

function definedOf<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> } // undefined has just been taken out
}

/** Sets the pace of the training clock. Faults: `door.invalid` on a live clock. */
export function rateOf(clock: Clock): (rate: 1 | 20) => number {
  return rate => {
    if (!('setRate' in clock) || typeof clock.setRate !== 'function') throw new Fault('door.invalid', { text: 'only training has a pace' })
    clock.setRate(rate)
    return clock.rate
  }
}
