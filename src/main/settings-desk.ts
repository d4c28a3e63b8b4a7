/**
 * Settings an admin changes at the station: facts in the ledger, laid over the configuration file and under the environment
 * and the command line. A value passes the same table as the file's, and nothing changes under a running job: all but how the
 * rack display is drawn counts from the next start on. A start that fails with them is made without them, and says so.
 */
import type { FaultView, SettingOrigin, SettingView, SettingsView, SettingValue } from '#shared'
import type { Ledger } from './bench/ledger.ts'
import type { People } from './bench/people.ts'
import { SETTINGS, type Config, type ConfigKey, type LoadedConfig, type OwnSettings } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { SettingBy } from './gate/settings-answers.ts'
import type { Database, Sql } from './ports.ts'

/** Who may unbind, what runs here and which files are read or written: whoever may change these has the files of the station. */
const OF_FILE: ReadonlySet<string> = new Set<ConfigKey>(['mode', 'accounts', 'wifi', 'wave.command', 'switch.communityEnv', 'switch.communityFile', 'cloud.caFile', 'sync.certificateFile', 'sync.webhooks', 'sync.folders', 'recipe.secrets'])
/** A wrong value costs a day's seats, or reaches another network; the PIN is typed again (design/operator.md 1, [A3]). */
const DANGEROUS = /^(bench\.(card|address)|dhcp\..*|gateway\..*|lan\.(take|static)|wayOut\..*|quota\..*|cloud\.(selfTest|baseUrl|proxy)|sync\.baseUrl|job\.firstAlone|power\.wiring)$/
/** Read anew for each picture of the rack display. */
const AT_ONCE = /^(rack|qr)\./

type Wished = Readonly<Record<string, SettingValue | null>>

/** How this start came to its configuration. */
export interface OwnConfig {
  readonly file: string | null
  readonly loaded: LoadedConfig
  /** The same sources with other settings of the station. Faults: `config.invalid`. */
  readonly load: (own: OwnSettings) => LoadedConfig
  /** They were left out of this start. */
  readonly fault: FaultView | null
}

export class SettingsDesk {
  readonly #ledger: Ledger
  readonly #people: People
  readonly #own: OwnConfig
  /** What this run was built from: that of a virtual bench where it has its own. */
  readonly #base: Config
  #now: Config

  constructor(ledger: Ledger, people: People, own: OwnConfig, base: Config) {
    this.#ledger = ledger
    this.#people = people
    this.#own = own
    this.#base = base
    this.#now = base
  }

  /** In force at this moment. The same object until something changes. */
  get now(): Config { return this.#now }

  view(): SettingsView {
    const marks = new Map(this.#ledger.marks('setting', MARKS_MAX).map(({ key, mark }) => [key, mark]))
    const { loaded, fault, file } = this.#own
    const next = this.#nextConfig()
    return { file, fault, settings: KEYS.map(key => {
      const { kind, values = null, value: standard, range, why } = SETTINGS[key]
      const value = this.#now[key]
      const isGiven = !isSame(this.#base[key], loaded.config[key])
      const mark = marks.get(key) ?? null
      const origin: SettingOrigin = isGiven ? 'training' : AT_ONCE.test(key) && mark !== null && isSame(value, mark.value) ? 'station' : loaded.origins[key] ?? 'default'
      return {
        key, kind, value: shown(value), standard: shown(standard), range, choices: values, why, origin, changed: OF_FILE.has(key) ? 'file' : 'here', isDangerous: DANGEROUS.test(key),
        next: isGiven || next === null || isSame(next[key], value) ? null : shown(next[key]), own: mark === null ? null : { value: shown(mark.value), at: mark.at, by: mark.by }
      } satisfies SettingView
    }) }
  }

  /**
   * All of them or none: an address and its pool go together. `null`: back to what the file or the default says.
   * Faults: `setting.of-file`, `setting.refused` {complaints}, `setting.pin-again`, those of a wrong PIN.
   */
  async change(wished: Wished, { badge, pin }: SettingBy): Promise<void> {
    const values = Object.entries(wished).map(([key, value]): readonly [ConfigKey, SettingValue | null] => {
      const known = KEYS.find(k => k === key)
      if (known === undefined) throw new Fault('setting.refused', { complaints: `${key}: no such setting` })
      if (OF_FILE.has(known)) throw new Fault('setting.of-file', { key })
      // Also where the environment says otherwise today.
      if (value !== null && !SETTINGS[known].check(value)) throw new Fault('setting.refused', { complaints: `${key}: ${JSON.stringify(value).slice(0, 60)} is not allowed; ${SETTINGS[known].range}` })
      return [known, value]
    })
    this.#load(this.#with(values))
    if (values.some(([key]) => DANGEROUS.test(key)) && pin !== null) {
      if (pin === undefined) throw new Fault('setting.pin-again')
      await this.#people.check(badge, pin)
    }
    const { config } = this.#load(this.#with(values)) // somebody may have changed another one meanwhile
    this.#ledger.commit(tx => {
      for (const [key, to] of values) {
        const before = this.#ledger.mark('setting', key)?.value ?? null
        if (!isSame(before, to)) tx.append({ body: { kind: 'setting.changed', key, from: before ?? this.#now[key], to, by: badge } })
      }
    })
    const atOnce = values.map(([key]) => key).filter(key => AT_ONCE.test(key))
    if (atOnce.length > 0) this.#now = { ...this.#now, ...Object.fromEntries(atOnce.map(key => [key, config[key]])) }
  }

  #with(values: readonly (readonly [ConfigKey, SettingValue | null])[]): OwnSettings {
    const own = new Map<string, SettingValue>(Object.entries(ownOf(this.#ledger)))
    for (const [key, value] of values) {
      if (value === null) own.delete(key)
      else own.set(key, value)
    }
    return Object.fromEntries(own)
  }

  #load(own: OwnSettings): LoadedConfig {
    try {
      return this.#own.load(own)
    } catch (thrown) {
      const fault = Fault.from(thrown)
      throw fault.code === 'config.invalid' ? new Fault('setting.refused', { complaints: String(fault.context['complaints']) }) : fault
    }
  }

  /** null: the next start would leave the settings of the station out. */
  #nextConfig(): Config | null {
    try { return this.#own.load(ownOf(this.#ledger)).config } catch { return null }
  }
}

/** As the ledger has it; an older program's key that is none any more is not ours to judge here. */
const MARKS_MAX = 500
const KEYS = Object.keys(SETTINGS) as ConfigKey[] // the keys of the table

function ownOf(ledger: Ledger): OwnSettings {
  return Object.fromEntries(ledger.marks('setting', MARKS_MAX).filter(({ key }) => Object.hasOwn(SETTINGS, key)).map(({ key, mark }) => [key, mark.value]))
}

/** Before the station stands: from the file of the ledger, which is opened again afterwards. Nothing that cannot be read is a setting. */
export function readOwnSettings(sql: Sql, path: string): OwnSettings {
  try {
    using db = sql.open(path, { readonly: true })
    return Object.fromEntries(rowsOf(db).filter(({ key }) => Object.hasOwn(SETTINGS, key) && !OF_FILE.has(key)).map(({ key, body }) => [key, (JSON.parse(body) as { value: SettingValue }).value])) // written by the fold of a fact
  } catch {
    return {} // a damaged ledger is told of when it is opened for work
  }
}

function rowsOf(db: Database): { key: string; body: string }[] {
  return db.all("SELECT key, body FROM mark WHERE kind = 'setting' LIMIT ?", [MARKS_MAX])
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A URL may carry a name and a password, which are nobody's to read here. */
function shown(value: SettingValue): SettingValue {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return value.replace(USER_OF_URL, '$1…@')
  return JSON.parse(JSON.stringify(value).replaceAll(new RegExp(USER_OF_URL, 'g'), '$1…@')) as readonly unknown[] // a list before, a list after
}
const USER_OF_URL = /(\/\/)[^/@\s"]{1,200}@/
