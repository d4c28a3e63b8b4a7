/** What a picture says of itself, from bytes written out by hand after the two standards. */
import { describe, expect, it } from 'vitest'
import { pictureHead } from '../../src/main/wire/picture.ts'
import { greyPng } from '../helpers/pictures.ts'

/** The smallest JPEG head: SOI, APP0 of 4 bytes, SOF0 of 480 lines of 640 points, and the start of a scan (T.81 B.2.2, B.2.3). */
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0, 0x55, 0xff, 0xd9])
const PNG = greyPng(4, 2, new Uint8Array(10))

describe('the head of a picture', () => {
  it('tells the size of a PNG and how much it may unpack to', () => {
    expect(pictureHead(PNG)).toMatchObject({ kind: 'png', width: 4, height: 2, bytesMax: 2 * (2 + 4) })
    expect(pictureHead(greyPng(30_000, 30_000, new Uint8Array(0)))).toMatchObject({ width: 30_000, height: 30_000 })
  })

  it('tells the size of a JPEG, baseline or progressive', () => {
    expect(pictureHead(JPEG)).toEqual({ kind: 'jpeg', width: 640, height: 480 })
    expect(pictureHead(JPEG.with(9, 0xc2))).toEqual({ kind: 'jpeg', width: 640, height: 480 })
    expect(pictureHead(JPEG.with(9, 0xc9))).toBeNull() // arithmetic coding: nobody reads it
  })

  it('refuses a JPEG that would be walked over again and again', () => {
    const scan = JPEG.subarray(27, 41)
    expect(pictureHead(Uint8Array.from([...JPEG, ...Array.from({ length: 70 }, () => [...scan]).flat()]))).toBeNull()
  })

  it('is none for every beginning of a PNG, for other files, and for heads that contradict themselves', () => {
    for (let n = 0; n < PNG.byteLength; n += 1) expect(pictureHead(PNG.subarray(0, n))).toBeNull()
    for (let n = 0; n < 18; n += 1) expect(pictureHead(JPEG.subarray(0, n))).toBeNull()
    for (const text of ['', 'GIF89a', 'BM', '<svg/>', 'RIFF\u0000\u0000\u0000\u0000WEBP']) expect(pictureHead(new TextEncoder().encode(text))).toBeNull()
    expect(pictureHead(greyPng(0, 2, new Uint8Array(10)))).toBeNull()
    expect(pictureHead(Uint8Array.from(PNG).with(25, 5))).toBeNull() // no such colour type
    expect(pictureHead(JPEG.with(13, 0).with(14, 0))).toBeNull()
  })
})
