/** What displays say of themselves: blocks read off real ones and published by others. */
import { expect, it } from 'vitest'
import { parseEdid } from '../../src/main/wire/edid.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))
/** Samsung U32H75x, as `ddcutil` prints it (32 inch monitor; 697 x 392 mm in its first timing). */
const MONITOR = bytes(`00ffffffffffff004c2d020e4b4d5130 251b01038046277 82a5fb1a2574fa228 0f5054bfef80714f810081c081809500 a9c0b300010104740030f2705a80b058
  8a00b9882100001e000000fd00184b1e 5a1e000a202020202020000000fc0055 3332483735780a2020202020000000ff 0048544f4a3930303330340a20200167`)
/** Samsung television of 2014, from a report on the list of edid-decode: 105 x 59 cm, and 1872 x 1053 mm in its first timing. */
const TELEVISION = bytes(`00ffffffffffff004c2d010c01060001 2a18010380693b780a23ada4544d9926 0f474abdef80714f81c0810081809500 a9c0b300010108e80030f2705a80b058
  8a00501d7400001e023a801871382d40 582c4500501d7400001e000000fd0018 4b0f873c000a202020202020000000fc 0053414d53554e470a20202020200156`)
/** Samsung television of 2009, from a program for signal generators: 16 x 9 "cm". */
const SHAPE = bytes(`00ffffffffffff004c2df60336324454 0713010380100978 2aee91a3544c9926 0f5054bfef80a940818081 40714f0101 010101010101283c80a070b023403020
  3600a05a0000001a011d00bc52d01e20 b8285540a05a0000001e000000fd0032 4b1b5111000a202020202020000000fc 0053796e634d61737465720a202001ed`)

it('a monitor tells its millimetres, and so its inches and its name', () => {
  expect(parseEdid(MONITOR)).toEqual({ name: 'U32H75x', inches: 31.5 })
})

it('a television whose timing contradicts its size is believed the size', () => {
  expect(parseEdid(TELEVISION)).toEqual({ name: 'SAMSUNG', inches: 47.4 })
})

it('a shape is no size', () => {
  expect(parseEdid(SHAPE)).toEqual({ name: 'SyncMaster', inches: null })
  const none = MONITOR.with(21, 0).with(22, 0)
  expect(parseEdid(none.with(127, (256 - none.subarray(0, 127).reduce((sum, byte) => sum + byte, 0) % 256) % 256))?.inches).toBeNull()
})

it('anything else is none: cut off, altered by one bit, of zeros', () => {
  for (let length = 0; length < 128; length += 1) expect(parseEdid(MONITOR.subarray(0, length))).toBeNull()
  for (let i = 0; i < 128; i += 1) expect(parseEdid(MONITOR.with(i, (MONITOR[i] ?? 0) ^ 1)), String(i)).toBeNull()
  expect(parseEdid(new Uint8Array(128))).toBeNull()
})
