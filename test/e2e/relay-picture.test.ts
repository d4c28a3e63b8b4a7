/** The phone's code by picture, on the page and through the core: a file, a drop, a paste, a webcam; bent, blurred and hostile ones. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { serveHttp, type HttpHost } from '../../src/main/hosts/http.ts'
import { Pages } from '../../src/main/hosts/static.ts'
import { LiveEntropy } from '../../src/main/live/clock.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { CHROMIUM, launch } from '../helpers/browser.ts'
import { PAGES_DIR } from '../helpers/fake-door.ts'
import { greyPng, PHONE_CODE, qrPng, qrPoints, y4mOf } from '../helpers/pictures.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const isBuilt = existsSync(resolve(PAGES_DIR, 'index.html'))
const missing = [...CHROMIUM === null ? ['Chromium'] : [], ...isBuilt ? [] : ['the built pages']]
if (missing.length > 0 && process.env['CI'] !== undefined) throw new Error(`CI must run this: ${missing.join(' and ')} missing`)

const VIDEO = { width: 640, height: 480 }
/** Of what is taken from this page, nothing may stay on it. */
const SECRET = /PhoneTok|password-of-the-shop/

describe.skipIf(missing.length > 0)(`a picture of the phone, on the page${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ub-picture-'))
  let browser: Browser
  let bench: TestBench
  let host: HttpHost
  beforeAll(async () => {
    writeFileSync(join(folder, 'cam.y4m'), y4mOf(qrPoints([PHONE_CODE], VIDEO, 8), VIDEO))
    browser = await launch('--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${join(folder, 'cam.y4m')}`)
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    const { accounts: [house], ...rest } = virtualAccess()
    if (!house) throw new Error('every bench has an account')
    bench = await openBench({ seed: 7, access: { ...rest, accounts: [{ ...house, id: 'phone', source: 'relay' }] } })
    await bench.ask('relay.allow', { isAllowed: true })
    host = await serveHttp(bench.station.gate, new LiveEntropy(), { pages: new Pages(PAGES_DIR), port: 0 })
  })
  afterEach(async () => {
    await host[Symbol.asyncDispose]()
    await bench[Symbol.asyncDispose]()
  })

  async function open(permissions: readonly string[] = [], search = '?lang=en'): Promise<{ page: Page; codes: Locator; close: () => Promise<void> }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, permissions: [...permissions] })
    const page = await context.newPage()
    await page.goto(host.consoleUrl.replace('#', `${search}#`))
    await page.getByRole('button', { name: 'Wave', exact: true }).first().click()
    const codes = page.getByRole('region', { name: 'Codes of the phone' })
    await codes.getByLabel('Or a picture').waitFor()
    return { page, codes, close: () => context.close() }
  }
  const taken = async (): Promise<string | null> => (await bench.ask('relay.view', {})).waiting?.account ?? null
  const choose = (codes: Locator, buffer: Buffer, mimeType = 'image/png'): Promise<void> => codes.getByLabel('Or a picture').setInputFiles({ name: 'phone', mimeType, buffer })
  /** Drawn again by the browser's own hand: turned, sheared, blurred, unevenly lit, and saved as it is asked. */
  const bent = (page: Page, png: Buffer, kind: string): Promise<string> => page.evaluate(async ([data, type]) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(data), c => c.charCodeAt(0))]))
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1600, 1200]
    const pen = canvas.getContext('2d')
    if (!pen) return ''
    const light = pen.createLinearGradient(0, 0, 1600, 1200)
    light.addColorStop(0, '#667')
    light.addColorStop(1, '#fed')
    pen.fillStyle = light
    pen.fillRect(0, 0, 1600, 1200)
    pen.filter = 'blur(3px) contrast(0.7)'
    pen.setTransform(1.9, 0.35, -0.25, 1.7, 520, 260)
    pen.drawImage(picture, 0, 0)
    return canvas.toDataURL(type, 0.5).split(',')[1] ?? ''
  }, [png.toString('base64'), kind] as const)

  it('is a file: taken, and nothing of it stays on the page', async () => {
    const { page, codes, close } = await open()
    await choose(codes, await qrPng(PHONE_CODE))
    await codes.getByText('The code was taken').waitFor()
    await codes.getByText('A code of phone is at hand').waitFor()
    expect(await taken()).toBe('phone')
    expect(await page.content()).not.toMatch(SECRET)
    expect(await page.locator('img, canvas, video').count()).toBe(0)
    await close()
  })

  it.each(['image/jpeg', 'image/webp'])('is bent, blurred and badly lit, as %s: it is read all the same', async kind => {
    const { page, codes, close } = await open()
    const text = await bent(page, await qrPng(PHONE_CODE), kind)
    await choose(codes, Buffer.from(text, 'base64'), kind)
    await codes.getByText('The code was taken').waitFor()
    expect(await taken()).toBe('phone')
    await close()
  })

  it('is a bent JPEG given to the core itself, as the command line does', async () => {
    const { page, close } = await open()
    const picture = await bent(page, await qrPng(PHONE_CODE), 'image/jpeg')
    expect(await bench.ask('relay.picture', { picture })).toEqual({ heard: 'relay', unit: null, note: 'done' })
    await expect(bench.ask('relay.picture', { picture: picture.slice(0, 200) })).rejects.toMatchObject({ code: 'picture.unreadable' })
    await close()
  })

  it.each(['drop', 'paste'] as const)('comes by %s', async how => {
    const { page, codes, close } = await open()
    const data = (await qrPng(PHONE_CODE)).toString('base64')
    const transfer = await page.evaluateHandle(text => {
      const box = new DataTransfer()
      box.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], 'phone.png', { type: 'image/png' }))
      return box
    }, data)
    if (how === 'drop') await codes.locator('.relay-picture').dispatchEvent('drop', { dataTransfer: transfer })
    else await page.evaluate(box => { document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: box, bubbles: true, cancelable: true })) }, transfer)
    await codes.getByText('The code was taken').waitFor()
    expect(await taken()).toBe('phone')
    await close()
  })

  it('comes from the webcam, which goes off once its code is taken', async () => {
    const { page, codes, close } = await open(['camera'])
    await codes.getByRole('button', { name: 'Use the webcam' }).click()
    await expect.poll(() => page.locator('video').evaluate(v => v instanceof HTMLVideoElement ? v.videoWidth : 0)).toBe(VIDEO.width)
    const track = await page.locator('video').evaluateHandle(v => v instanceof HTMLVideoElement && v.srcObject instanceof MediaStream ? v.srcObject.getVideoTracks()[0] : undefined)
    await codes.getByRole('button', { name: 'Take the picture' }).click()
    await codes.getByText('The code was taken').waitFor()
    expect(await taken()).toBe('phone')
    await page.locator('video').waitFor({ state: 'detached' })
    expect(await track.evaluate(t => t?.readyState)).toBe('ended')
    await codes.getByRole('button', { name: 'Use the webcam' }).click()
    await codes.getByRole('button', { name: 'Webcam off' }).click()
    await codes.getByRole('button', { name: 'Use the webcam' }).waitFor()
    await close()
  })

  it('cannot come from a webcam that is not allowed: the page says what to do', async () => {
    const { page, codes, close } = await open()
    await page.evaluate(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')) })
    await codes.getByRole('button', { name: 'Use the webcam' }).click()
    await codes.getByText('No webcam can be used').waitFor()
    await close()
  })

  it('without a code, with another one, and one that is no picture: the page says which, and what to do', async () => {
    const { codes, close } = await open()
    for (const [buffer, title, action] of [
      [greyPng(64, 64, new Uint8Array(64 * 65)), 'No code in this picture', 'Go nearer'], [await qrPng('CM:WAVE'), 'not the phone', 'Open the unbind code'], [Buffer.from('no picture'), 'cannot be read', 'PNG or JPEG']
    ] as const) {
      await choose(codes, buffer)
      await codes.getByText(title).waitFor()
      await codes.getByText(action).waitFor()
    }
    expect(await taken()).toBeNull()
    await close()
  })
})
