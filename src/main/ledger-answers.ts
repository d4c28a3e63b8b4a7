/** Answers from the ledger of a station that does not run: the live one where there is one, else that of training; null: neither. */
import { existsSync } from 'node:fs'
import { MODES, type DoorAnswer } from '#shared'
import { Log } from './bench/log.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import { LiveSql } from './live/sqlite.ts'
import { readFont } from './font.ts'
import { readVersion } from './opening.ts'
import { ledgerPath } from './records.ts'
import { openReadonlyGate } from './station.ts'
import { FileVault } from './vault.ts'

export async function askLedger(dataDir: string, name: string, params: unknown): Promise<DoorAnswer | null> {
  const mode = MODES.toReversed().find(m => existsSync(ledgerPath(dataDir, m)))
  if (mode === undefined) return null
  const clock = new LiveClock()
  const log = new Log(() => undefined, () => clock.now())
  using vault = new FileVault(ledgerPath(dataDir, mode))
  using opened = openReadonlyGate({ clock, entropy: new LiveEntropy(), sql: new LiveSql() }, dataDir, mode, readVersion(import.meta.dirname), log, readFont, vault)
  return await opened.gate.ask(name, params, { host: 'local' })
}
