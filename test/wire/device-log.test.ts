/** The vendor's device log: the documented example, and the other names its page gives the same fields. */
import { expect, it } from 'vitest'
import { logCall, parseLogPage } from '../../src/main/wire/device-log.ts'

it('reads the documented example', () => {
  // developer.tuya.com, "Get Device Event Log", response example
  const result = { last_row_key: 'xxxxxxxxxxxxx', device_id: '75500780ecfabc9a****', has_next: true, logs: [{ code: 'switch_1', event_from: '1', event_id: 7, value: 'false', event_time: 1_560_872_567_955 }] }
  expect(parseLogPage(result)).toEqual({ rows: [{ at: 1_560_872_567_955, event: 7, from: 1, code: 'switch_1', value: 'false' }], next: 'xxxxxxxxxxxxx' })
})

it('reads the names of the same page\'s table as well, and leaves out rows that tell nothing', () => {
  const list = [{ event_time: '1560872567955', event_from: 4, event_id: '4', event_value: 3 }, { event_id: 3 }, null, 'x', { event_time: 1e30, event_id: 1 }]
  expect(parseLogPage({ list, has_more: false, last_row_key: 'k' })).toEqual({ rows: [{ at: 1_560_872_567_955, event: 4, from: 4, code: '', value: '3' }], next: null })
  expect(parseLogPage({})).toEqual({ rows: [], next: null })
  for (const odd of [null, 'x', [], { logs: 'x' }]) expect(parseLogPage(odd)).toBeNull()
})

it('asks page by page for what tells whose a unit is', () => {
  expect(logCall('bf/1', { from: 1, to: 2, after: '' }).url).toBe('/v1.0/iot-03/devices/bf%2F1/logs?event_types=1,2,3,4,9&start_time=1&end_time=2&size=100')
  expect(logCall('bf1', { from: 1, to: 2, after: 'a b' }).url).toMatch(/&last_row_key=a%20b$/)
})
