/** The handlers of keeping and looking back: backups, saved views of history, the vendor's own log beside ours; and the Wi-Fi test. */
import { lampsOf, type DoorName, type SavedView, type UnitId } from '#shared'
import type { Backups } from '../bench/backups.ts'
import type { Ledger } from '../bench/ledger.ts'
import { SavedViews } from '../bench/saved-views.ts'
import { askVendorLog, type VendorLogBench } from '../bench/vendor-log.ts'
import type { WifiTest } from '../bench/wifi-test.ts'
import { Fault } from '../domain/fault.ts'
import type { Product } from '../domain/product.ts'
import type { Handlers } from './gate.ts'
import type { Actor } from './rights.ts'

const CARE_READS = ['product.list', 'backup.list', 'views.list'] as const satisfies readonly DoorName[]
const CARE_ACTS = ['backup.now', 'views.save', 'views.remove', 'unit.vendor-log', 'wifi.test'] as const satisfies readonly DoorName[]
type Reads = Pick<Handlers, (typeof CARE_READS)[number]>
type Acts = Pick<Handlers, (typeof CARE_ACTS)[number]>
export type CareHandlers = Reads & Acts

export interface CareSources extends VendorLogBench { /** null: this ledger is no file. */ readonly backups: Backups | null; readonly wifi: WifiTest; readonly products: readonly Product[]; readonly signal: AbortSignal }

export function careReaders(ledger: Ledger, products: readonly Product[], backups: Backups | null = null): Reads {
  return {
    'product.list': () => products.map(({ productKey, name, method, resetHoldSeconds, resetWhen, lights }) => ({ product: productKey, name, method, resetHoldSeconds, resetWhen, lamps: lampsOf(lights) })),
    'backup.list': () => backups?.list() ?? [],
    'views.list': (_params, by) => new SavedViews(ledger).of(personOf(by))
  }
}

export function careHandlers(sources: CareSources): CareHandlers {
  const { ledger, backups, signal } = sources
  const views = new SavedViews(ledger)
  return {
    ...careReaders(ledger, sources.products, backups),
    'backup.now': () => {
      if (backups === null) throw new Fault('training.not-kept')
      return backups.now(signal)
    },
    'views.save': ({ name, isShared = false, filter }, by): readonly SavedView[] => {
      views.save(personOf(by), { name, isShared, filter })
      return views.of(personOf(by))
    },
    'views.remove': ({ id }, by): readonly SavedView[] => {
      views.remove(personOf(by), id)
      return views.of(personOf(by))
    },
    'wifi.test': ({ ssid }) => sources.wifi.begin(ssid),
    'unit.vendor-log': ({ unit }) => {
      const found = ledger.unit(unit as UnitId) // an id or not: the ledger knows
      if (!found) throw new Fault('door.invalid', { unit })
      return askVendorLog(sources, found, signal)
    }
  }
}

/** Of a station that does not run. */
export function careRefusals(): Acts {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'backup.now': refuse, 'views.save': refuse, 'views.remove': refuse, 'unit.vendor-log': refuse, 'wifi.test': refuse }
}

/** Views belong to the operator of record, also from a terminal. */
const personOf = ({ operator }: Actor): string | null => operator
