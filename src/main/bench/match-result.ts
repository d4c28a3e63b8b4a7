/** Whom a row of the cloud's result list names: by uuid, then MAC, then device id (facts/tuya.md 16.3). */
import type { Alias, UnitId } from '#shared'
import type { TokenResult } from './cloud.ts'
import type { Ledger } from './ledger.ts'

/** null: nobody we know. */
export function matchResult(ledger: Pick<Ledger, 'unitByAlias'>, result: Pick<TokenResult, 'uuid' | 'mac' | 'deviceId'>): UnitId | null {
  const names: Alias[] = []
  if (result.uuid !== null) names.push({ kind: 'uuid', value: result.uuid })
  if (result.mac !== null) names.push({ kind: 'mac', value: result.mac })
  if (result.deviceId !== null) names.push({ kind: 'deviceId', value: result.deviceId })
  return names.map(alias => ledger.unitByAlias(alias)).find(u => u !== null) ?? null
}
