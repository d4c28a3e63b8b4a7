/** resources/verify.html in a real browser, opened from the disk with the network cut: it reads the PDF somebody was handed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { printPaper } from '../../src/main/bench/paper/print.ts'
import { readFont } from '../../src/main/font.ts'
import { CHROMIUM, launch } from '../helpers/browser.ts'
import { KEY, signed } from '../helpers/certificates.ts'

describe.skipIf(CHROMIUM === null && process.env['CI'] === undefined)(`the page that checks certificates${CHROMIUM === null ? ' (skipped: Chromium missing)' : ''}`, () => {
  it('says valid, unknown key and unsigned of PDF and JSON, and shows what was signed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unbindery-verify-'))
    const browser = await launch()
    try {
      const context = await browser.newContext({ offline: true })
      const page = await context.newPage()
      const asked: string[] = []
      page.on('request', request => asked.push(request.url()))
      const path = new URL('../../resources/verify.html', import.meta.url).href
      await page.goto(path)
      const files = { pdf: join(folder, 'c.pdf'), json: join(folder, 'c.json'), other: join(folder, 'other.pdf') }
      writeFileSync(files.pdf, await printPaper({ kind: 'certificate', text: signed() }, readFont()))
      writeFileSync(files.json, signed())
      writeFileSync(files.other, '%PDF-1.4\n%%EOF\n')
      const state = async (expected: string): Promise<void> => { await page.locator(`#state[data-state="${expected}"]`).waitFor({ timeout: 10_000 }) }
      await page.setInputFiles('#file', files.pdf)
      await state('unknown key')
      await page.fill('#keys', KEY.publicHex)
      await state('valid')
      expect(await page.textContent('#shown')).toContain('tag RB-0001')
      await page.setInputFiles('#file', files.other)
      await state('unsigned')
      await page.setInputFiles('#file', files.json)
      await state('valid')
      expect(asked.filter(url => !url.startsWith('file:'))).toEqual([])
    } finally {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
