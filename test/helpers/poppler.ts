/** PDFs seen by programs nobody here wrote: poppler's tools and zbar. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, ZBARIMG } from './browser.ts'

export const MISSING = [...['pdftotext', 'pdfdetach', 'pdftoppm', 'pdfinfo'].filter(name => findProgram(name) === null), ...ZBARIMG === null ? ['zbarimg'] : []]

export interface Area { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** One PDF in a folder of its own, until it is disposed of. */
export class Pdf implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'unbindery-pdf-'))
  readonly path = join(this.#folder, 'paper.pdf')

  constructor(bytes: Uint8Array) {
    writeFileSync(this.path, bytes)
  }

  get pages(): number { return Number(/^Pages:\s+(\d+)/m.exec(this.#run('pdfinfo', this.path))?.[1]) }
  /** Of the first page, in points. */
  get size(): readonly [number, number] {
    const [, width, height] = /^Page size:\s+([\d.]+) x ([\d.]+)/m.exec(this.#run('pdfinfo', this.path)) ?? []
    return [Number(width), Number(height)]
  }
  get text(): string { return this.#run('pdftotext', '-layout', this.path, '-') }
  /** In the order it was written and without spaces, so that a text across the page stays together. */
  get written(): string { return this.#run('pdftotext', '-raw', this.path, '-').replaceAll(/\s+/g, '') }
  get fonts(): string { return this.#run('pdffonts', this.path) }

  attached(name: string): string {
    const to = join(this.#folder, 'attached')
    this.#run('pdfdetach', '-savefile', name, '-o', to, this.path)
    return readFileSync(to, 'utf8')
  }

  /** What zbar reads on each area (millimetres) of a page; null: nothing, or more than one code. */
  codes(page: number, areas: readonly Area[], dpi = 150): (string | null)[] {
    const dots = (mm: number): number => Math.round(mm * dpi / 25.4)
    this.#run('pdftoppm', '-gray', '-r', String(dpi), '-f', String(page), '-l', String(page), this.path, join(this.#folder, 'page'))
    const drawn = join(this.#folder, readdirSync(this.#folder).find(name => name.startsWith('page-')) ?? '')
    const picture = readPgm(readFileSync(drawn))
    rmSync(drawn)
    const paths = areas.map((area, i) => {
      const path = join(this.#folder, `area-${i}.pgm`)
      writeFileSync(path, cropped(picture, { x: dots(area.x), y: dots(area.y), width: dots(area.width), height: dots(area.height) }))
      return path
    })
    // It ends with 4 when one of the pictures holds no code.
    const { stdout } = spawnSync(ZBARIMG ?? 'zbarimg', ['-q', '--xml', ...paths], { encoding: 'utf8' })
    const sources = stdout.split('<source ').slice(1)
    return paths.map(path => {
      const found = [...sources.find(source => source.includes(`'${path}'`))?.matchAll(/<data[^>]*><!\[CDATA\[([\s\S]*?)\]\]>/g) ?? []]
      const data = found[0]?.[1] ?? ''
      if (found.length !== 1) return null
      // In a list it guesses at encodings; one by one it can be told not to.
      return /^[\x20-\x7e]*$/.test(data) ? data : execFileSync(ZBARIMG ?? 'zbarimg', ['-q', '--raw', '-Sbinary', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(program: string, ...args: string[]): string {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  }
}

interface Picture { readonly width: number; readonly height: number; readonly dots: Uint8Array }

/** Portable graymap, binary, as pdftoppm writes it. */
function readPgm(bytes: Uint8Array): Picture {
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(new TextDecoder('latin1').decode(bytes.subarray(0, 64)))
  if (!head) throw new Error('not a graymap')
  return { width: Number(head[1]), height: Number(head[2]), dots: bytes.subarray(head[0].length) }
}

function cropped({ width, height, dots }: Picture, area: Area): Uint8Array {
  const [w, h] = [Math.min(area.width, width - area.x), Math.min(area.height, height - area.y)]
  const rows = Array.from({ length: h }, (_, i) => dots.subarray((area.y + i) * width + area.x, (area.y + i) * width + area.x + w))
  return Buffer.concat([Buffer.from(`P5\n${w} ${h}\n255\n`), ...rows])
}
