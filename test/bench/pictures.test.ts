/** Codes in pictures: what is read, by whom, and what hostile files come to. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { PICTURE_BYTES_MAX } from '#shared'
import { readCodes } from '../../src/main/bench/picture-codes.ts'
import { Pictures } from '../../src/main/bench/pictures.ts'
import { readDecoder } from '../../src/main/decoder.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { ReaderThread } from '../../src/main/live/reader-thread.ts'
import { finderPng, greyPng, PHONE_CODE, pngOf, qrPng, qrPoints } from '../helpers/pictures.ts'

const NEVER = new AbortController().signal
const SIZE = { width: 640, height: 360 }
const here = new Pictures(null, readDecoder)
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const read = (bytes: Uint8Array, by = here): Promise<string> => by.read(base64(bytes), NEVER)
async function faultOf(bytes: Uint8Array, by = here): Promise<{ code: string; text: string }> {
  const thrown = await read(bytes, by).catch((t: unknown) => t)
  if (!(thrown instanceof Fault)) throw new Error(`no fault: ${String(thrown)}`)
  return { code: thrown.code, text: JSON.stringify(thrown.toView()) }
}

describe('a picture', () => {
  it('of the phone gives the text of its code, byte for byte, also where it stands twice', async () => {
    expect(await read(await qrPng(PHONE_CODE))).toBe(PHONE_CODE)
    expect(await read(await qrPng('{"p":"密码","s":"店","t":"AYPhoneTok1234"}'))).toBe('{"p":"密码","s":"店","t":"AYPhoneTok1234"}')
    expect(await read(pngOf(qrPoints([PHONE_CODE, PHONE_CODE], SIZE, 4), SIZE.width))).toBe(PHONE_CODE)
  })

  it('without a code, and with more than one, is named', async () => {
    expect((await faultOf(pngOf(qrPoints([], SIZE, 4), SIZE.width))).code).toBe('picture.no-code')
    const { code, text } = await faultOf(pngOf(qrPoints([PHONE_CODE, 'CAM-7;PID:x'], SIZE, 4), SIZE.width))
    expect(code).toBe('picture.many-codes')
    expect(text).not.toMatch(/PhoneTok|CAM-7/)
  })

  it('that is no picture, is torn or empty, is unreadable; the next one is read', async () => {
    const png = await qrPng(PHONE_CODE)
    const jpegHead = Uint8Array.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 1, 0, 1, 0, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0])
    for (const bytes of [randomBytes(10_000), Uint8Array.of(0), png.subarray(0, png.byteLength >> 1), png.subarray(0, -12), Buffer.concat([jpegHead.subarray(0, 12), randomBytes(2000)]), Buffer.concat([png.subarray(0, 60), randomBytes(40), png.subarray(100)])]) expect((await faultOf(bytes)).code).toBe('picture.unreadable')
    for (let n = 1; n < 400; n += 7) expect(['picture.unreadable', 'picture.no-code']).toContain((await faultOf(Buffer.from(png).subarray(0, n))).code)
    expect(await read(png)).toBe(PHONE_CODE)
  })

  it('that claims 30,000 by 30,000 points, or weighs more than 4 MiB, is refused before anything is unpacked', async () => {
    const before = performance.now()
    expect((await faultOf(greyPng(30_000, 30_000, new Uint8Array(1000)))).text).toContain('"width":30000')
    expect((await faultOf(new Uint8Array(PICTURE_BYTES_MAX + 1))).code).toBe('picture.too-large')
    expect(performance.now() - before).toBeLessThan(1000)
  })

  it('that is small and unpacks to 200 MiB takes no such memory', async () => {
    const bomb = greyPng(16, 16, new Uint8Array(200 * 1024 * 1024))
    expect(bomb.byteLength).toBeLessThan(400_000)
    const before = process.memoryUsage().rss
    expect((await faultOf(bomb)).code).toBe('picture.unreadable')
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })

  it('is not read where the reader of codes is missing, and a broken one is a fault and no crash', async () => {
    const png = base64(await qrPng(PHONE_CODE))
    await expect(readCodes(png, null)).rejects.toMatchObject({ code: 'picture.unreadable' })
    await expect(readCodes(png, new Uint8Array(100))).rejects.toMatchObject({ code: 'picture.unreadable' })
    await expect(readCodes(png, readDecoder())).resolves.toEqual([PHONE_CODE])
  })

  it('is one of several at once, and each has its own answer', async () => {
    const texts = ['{"p":"a","s":"A","t":"EUaaaaaaaa1234"}', '{"p":"b","s":"B","t":"EUbbbbbbbb1234"}', '{"p":"c","s":"C","t":"EUcccccccc1234"}']
    expect(await Promise.all(texts.map(async text => read(await qrPng(text))))).toEqual(texts)
  })
})

describe('in the live core', () => {
  it('the thread reads, and the core does not so much as load the reader', async () => {
    await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url))
    const live = new Pictures(thread, () => { throw new Error('the core loaded the reader') })
    expect(await read(await qrPng(PHONE_CODE), live)).toBe(PHONE_CODE)
    expect((await faultOf(randomBytes(10_000), live)).code).toBe('picture.unreadable')
    expect((await faultOf(greyPng(30_000, 30_000, new Uint8Array(10)), live)).text).toContain('"width":30000')
    expect(await read(await qrPng(PHONE_CODE), live)).toBe(PHONE_CODE)
  })
})

describe('a thread with a limit', () => {
  it('is ended by a picture made to be slow; who stood behind it is read all the same', async () => {
    await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url), 6000)
    const live = new Pictures(thread, () => { throw new Error('the core loaded the reader') })
    expect(await read(await qrPng(PHONE_CODE), live)).toBe(PHONE_CODE) // it is up
    const before = performance.now()
    const slow = faultOf(finderPng(4096, 3), live)
    await expect.poll(() => performance.now() - before).toBeGreaterThan(500)
    const behind = read(await qrPng(PHONE_CODE), live)
    expect((await slow).code).toBe('press.late')
    expect(await behind).toBe(PHONE_CODE)
    expect(performance.now() - before).toBeLessThan(20_000) // left alone it takes half a minute
  })

  it('is ended with the asker, so that the next question does not wait for an answer nobody wants', async () => {
    await using thread = new ReaderThread(new URL('../../src/main/reader.ts', import.meta.url), 60_000)
    const live = new Pictures(thread, () => null)
    const asker = new AbortController()
    const slow = live.read(base64(finderPng(4096, 3)), asker.signal)
    setTimeout(() => asker.abort(new Error('the page was closed')), 1500)
    await expect(slow).rejects.toThrow('the page was closed')
    expect(await read(await qrPng(PHONE_CODE), live)).toBe(PHONE_CODE)
  })
})
