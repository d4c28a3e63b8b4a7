/** What a unit is called, and which of its names may tell it from others. */
import { expect, it } from 'vitest'
import { ALIAS_KINDS, type Alias } from '#shared'
import { identifies, nameOf } from '../../src/main/domain/unit.ts'
import { unitId } from '../helpers/ledger.ts'

const MAC: Alias = { kind: 'mac', value: '02:1e:00:00:00:0a' }
const SERIAL: Alias = { kind: 'serial', value: 'SN-2026-123456' }
const UUID: Alias = { kind: 'uuid', value: 'abcdef0123456789' }
const TAG: Alias = { kind: 'tag', value: 'RB-0001' }
const LONG: Alias = { kind: 'tag', value: 'MAC:02-1E-00-00-00-0A;SN:SN-2026-123456' }

it('every name tells a unit from others but the device id, which changes with every activation', () => {
  expect(ALIAS_KINDS.filter(kind => identifies({ kind, value: 'x' }))).toEqual(['mac', 'uuid', 'serial', 'tag'])
})

it.each<readonly [string, readonly Alias[], string]>([
  ['its tag, if that is short enough to read', [MAC, SERIAL, TAG], 'RB-0001'],
  ['the end of its serial where the tag is a whole label', [LONG, SERIAL, MAC], '…23456'],
  ['the end of a long tag where there is nothing better', [LONG, MAC], '…23456'],
  ['the end of its uuid', [UUID, MAC], '…56789'],
  ['the end of its MAC', [MAC], '00:00:0a'],
  ['the end of our own number for a unit without any name', [], 'ef-12']
])('people call a unit by %s', (_sentence, aliases, name) => {
  expect(nameOf({ aliases, uid: unitId('0190-abcdef-12') })).toBe(name)
})
