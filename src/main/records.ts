/**
 * The record room of a station: ledger, signed heads, destinations, the watch over the file. Opened before anything else,
 * closed after everything else.
 */
import type { AssessedView, CertificateView, Mode, UnitId, VerifiedView } from '#shared'
import type { Access } from './access.ts'
import { NO_VAULT, type Vault } from './bench/archive.ts'
import { Archivist, keepMsOf } from './bench/archivist.ts'
import { Backups, stampOf } from './bench/backups.ts'
import { Certifier } from './bench/certifier.ts'
import { Central } from './bench/central.ts'
import { Checkpoints } from './bench/checkpoints.ts'
import type { Destination } from './bench/destination.ts'
import { DropFolder } from './bench/drop-folder.ts'
import { Ledger } from './bench/ledger.ts'
import type { Log } from './bench/log.ts'
import { Notary } from './bench/notary.ts'
import { Reading } from './bench/reading.ts'
import { isOutdated } from './bench/schema.ts'
import type { Scope } from './bench/scope.ts'
import type { UnitFilter } from './bench/search.ts'
import { SearchIndex } from './bench/search-index.ts'
import type { Origin } from './bench/verdict-row.ts'
import { Watchman } from './bench/watchman.ts'
import { Webhook } from './bench/webhook.ts'
import { Fault } from './domain/fault.ts'
import type { RecordActs, RecordSources } from './gate/record-answers.ts'
import { asidesOf, Outbox, Outboxes } from './line/11-sync.ts'
import type { Disk, Entropy, Ports, Secrets } from './ports.ts'
import { SEED_BYTES, StationKey } from './wire/signing.ts'
import { viewCertificate } from './wire/certificate.ts'

export interface RecordOptions {
  readonly dataDir: string
  readonly log: Log
  readonly version: string
  readonly access: Access
  /** Opens a folder outside the data folder, for files somebody else fetches. */
  readonly folders?: (path: string) => Disk
  readonly care?: { readonly keepDays: number; readonly backupHour: number }
}

/** Each world has its own ledger and its own key. */
export const ledgerPath = (dataDir: string, mode: Mode): string => `${dataDir}/${mode}/ledger.db`
/** Beside the ledger: stretches of its facts, and the ledgers it went on from. */
export const ARCHIVE_FOLDER = 'archive'
const keyPath = (mode: Mode): string => `${mode}/station.key`

/** Faults: those of opening the ledger. A file of an older program is copied before it is migrated. */
export async function openRecords(ports: Ports, mode: Mode, options: RecordOptions, scope: Scope) {
  const { clock } = ports
  const { dataDir, log, version } = options
  const path = ledgerPath(dataDir, mode)
  const copiesPath = `${dataDir}/${mode}/backup`
  const reader = ports.reader ?? null
  const db = scope.own(ports.sql.open(path))
  const before = isOutdated(db)
  if (before) log.info('the ledger is of an older program: it is copied and then converted, which takes some minutes where it holds hundreds of thousands of units')
  if (reader && before) await reader.copy(path, `${copiesPath}/before-${version}-${stampOf(clock.now())}.db`, scope.signal)
  const ledger = new Ledger(db, ports, log.child({ part: 'ledger' }))
  const key = stationKey(ports.disk, ports.secrets, ports.entropy, mode)
  const origin: Origin = { station: stationId(ledger), mode }
  refuseRetired(ledger)
  const vault: Vault = { ...NO_VAULT, read: file => ports.disk.read(`${mode}/${ARCHIVE_FOLDER}/${file}`) }
  const reading = new Reading(ledger, reader, path, vault, ports.press ?? reader)
  const outboxes = outboxesOf(ports, options, ledger, key, origin, reading)
  const isIdle = (): boolean => ledger.openJobs().every(job => job.stage === 'queued')
  const backups = reader && new Backups({ clock, disk: ports.disk, reader, isIdle }, log.child({ part: 'backup' }), { path, copiesPath, copiesDir: `${mode}/backup`, hour: options.care?.backupHour ?? null, station: origin.station })
  const sign = (bytes: Uint8Array): string => key.sign(bytes)
  const notary = new Notary(clock, ledger, log.child({ part: 'notary' }), { station: origin.station, publicHex: key.publicHex, sign })
  const newestAt = (): number | null => ledger.history(null, Number.MAX_SAFE_INTEGER, 1)[0]?.at ?? null

  return {
    ledger, station: origin.station, outboxes, backups, reading,
    find: (filter: UnitFilter, limit: number): Promise<readonly UnitId[]> => reading.units(filter, limit, scope.signal),
    /** What the gate needs of this room. */
    sources: { ledger, assess: (text: string): AssessedView => viewCertificate(text, [{ key: key.publicHex, station: origin.station }]), asides: () => asidesOf(ledger), verify: (): Promise<VerifiedView> => reading.verify(origin.station, [], [key.publicHex], scope.signal), ...lookBack(ports.disk, reading, scope.signal) },
    acts: (nameOf: (product: string) => string): RecordActs => {
      const certifier = new Certifier(clock, ledger, { ...origin, version, publicHex: key.publicHex, sign, nameOf })
      return {
        test: name => outboxes.named(name).test(scope.signal),
        replay: (name, from) => outboxes.named(name).replay(from),
        certify: async unit => await certify(certifier, reading, unit, scope.signal)
      }
    },
    signing: { station: origin.station, mode, version, publicHex: key.publicHex, sign },
    /** Writes that the station has started, and stops with it. */
    begin: () => {
      notary.start(scope)
      ledger.append({ body: { kind: 'station.started', version, mode, publicKey: key.publicHex } })
      scope.own(() => { ledger.append({ body: { kind: 'station.stopped' } }) })
    },
    /** `vendorHeardAt`: monotonic time at which the vendor told his last. */
    watch: (vendorHeardAt: () => number | null) =>
      new Watchman({ clock, disk: ports.disk, reader, reading, backups, vendorHeardAt, newestAt }, log.child({ part: 'watch' })),
    startSync: () => {
      outboxes.start(scope)
      if (reader) new Checkpoints({ clock, db, reader }, log.child({ part: 'ledger' }), path).start(scope)
      new Archivist({ clock, disk: ports.disk, reading }, ledger, log.child({ part: 'archive' }), {
        station: origin.station, keepMs: keepMsOf(options.care?.keepDays ?? 0), folder: `${mode}/${ARCHIVE_FOLDER}`, destinations: outboxes.views().map(v => v.destination), central: options.access.centralUrl === '' ? null : 'central'
      }).start(scope)
      new SearchIndex(clock, ledger, log.child({ part: 'search' })).start(scope)
    }
  }
}

/** The central ingest, webhooks and folders, in the order of the settings; each goes at its own pace. */
function outboxesOf(ports: Ports, { access, log, folders }: RecordOptions, ledger: Ledger, key: StationKey, origin: Origin, reading: Reading): Outboxes {
  const sign = (body: Uint8Array): string => key.sign(body)
  const { station } = origin
  const all: Destination[] = [
    ...(access.centralUrl === '' ? [] : [new Central(ports.web, { name: 'central', url: `${access.centralUrl.replace(/\/+$/, '')}/v1/events`, station, sign })]),
    ...(access.webhooks ?? []).map(hook => new Webhook(ports.web, ledger, { ...hook, ...origin, key: key.publicHex, sign })),
    ...(folders === undefined ? [] : (access.folders ?? []).map(({ name, path }) => new DropFolder(() => folders(path), ledger, { ...origin, name })))
  ]
  return new Outboxes(all.map(destination => new Outbox(ports, ledger, log.child({ part: 'sync' }), station, destination, (after, limit, signal) => reading.archived({ station, after, limit, unit: null }, signal))))
}

/** Also where the verdict lies in the archive by now, or in the ledger before this one. Faults: `archive.away` {file, files}. */
async function certify(certifier: Certifier, reading: Reading, unit: UnitId, signal: AbortSignal): Promise<CertificateView> {
  const job = certifier.lacksVerdictOf(unit)
  if (job === null) return certifier.make(unit)
  const { verdict, away } = await reading.verdict(unit, job, signal)
  if (verdict === null && away[0] !== undefined) throw new Fault('archive.away', { file: away[0], files: away.length })
  return certifier.make(unit, verdict)
}

/** What is read of old days only when somebody looks at a unit. */
function lookBack(disk: Disk, reading: Reading, signal: AbortSignal): Pick<RecordSources, 'behind' | 'transcript'> {
  return {
    behind: (unit, limit) => reading.behind(unit, limit, signal),
    transcript: path => {
      const bytes = disk.read(path)
      return bytes === null ? null : new TextDecoder().decode(bytes)
    }
  }
}

/** Faults: `ledger.retired`. */
function refuseRetired(ledger: Ledger): void {
  const last = ledger.history(null, Number.MAX_SAFE_INTEGER, 1)[0]
  if (last?.body.kind === 'station.retired') throw new Fault('ledger.retired', { station: stationId(ledger) })
}

export function stationKey(disk: Disk, secrets: Secrets, entropy: Entropy, mode: Mode): StationKey {
  const found = disk.read(keyPath(mode))
  if (found) return new StationKey(secrets.open(found))
  const seed = entropy.bytes(SEED_BYTES)
  disk.writeAtomic(keyPath(mode), secrets.seal(seed), 0o600)
  return new StationKey(seed)
}

function stationId(ledger: Ledger): string {
  const found = ledger.setting('station')
  if (found !== null) return found
  const made = ledger.newId()
  ledger.keepSetting('station', made)
  return made
}
