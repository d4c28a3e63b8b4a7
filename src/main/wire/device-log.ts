/**
 * The vendor's own log of one device (facts/tuya.md 7.3, "Logs"): how it is asked for and what comes back. The page names
 * its fields both ways, `list` with `has_more` and `logs` with `has_next`; numbers may be texts. All are taken (16.5).
 */
import type { Instant, VendorLogRow } from '#shared'
import type { CloudCall } from './cloud-calls.ts'

/** Online, offline, activation, reset, restart: what tells whose a unit is. There is no event "unbind". */
const EVENTS = '1,2,3,4,9'
export const LOG_PAGE_ROWS = 100
const ROWS_MAX = 1000
const CHARS_MAX = 200

export interface LogWanted { readonly from: Instant; readonly to: Instant; readonly after: string }
export interface LogPage { readonly rows: readonly VendorLogRow[]; /** Key of the next page; null: this was the last one. */ readonly next: string | null }

export function logCall(deviceId: string, { from, to, after }: LogWanted): CloudCall {
  const page = after === '' ? '' : `&last_row_key=${encodeURIComponent(after)}`
  return { method: 'GET', url: `/v1.0/iot-03/devices/${encodeURIComponent(deviceId)}/logs?event_types=${EVENTS}&start_time=${from}&end_time=${to}&size=${LOG_PAGE_ROWS}${page}` }
}

/** null: no log at all. Rows that tell no event or no time are left out. */
export function parseLogPage(result: unknown): LogPage | null {
  if (!isRecord(result)) return null
  const list = result['logs'] ?? result['list'] ?? []
  if (!Array.isArray(list)) return null
  const rows = list.slice(0, ROWS_MAX).flatMap((item: unknown) => {
    const [at, event] = isRecord(item) ? [numberIn(item['event_time']), numberIn(item['event_id'])] : [null, null]
    return !isRecord(item) || at === null || event === null ? [] : [{ at, event, from: numberIn(item['event_from']) ?? -1, code: textIn(item['code']), value: textIn(item['value'] ?? item['event_value']) }]
  })
  const key = textIn(result['last_row_key'])
  const hasMore = result['has_next'] === true || result['has_more'] === true
  return { rows, next: hasMore && key !== '' ? key : null }
}

function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, CHARS_MAX) : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
