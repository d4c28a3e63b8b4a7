import { describe, expect, test } from 'vitest'
import type { QrPolicy } from '#shared'
import { layoutOf, matrixOf, paint, picturesOf, type Box, type Layout, type Picture, type Place, type Sheet } from '../../src/renderer/common/qr.ts'
import { CODE_TEXT, POLICY } from '../helpers/fixtures.ts'

// The figures are those of facts/qr-display.md, "Recommended rendering policy".
const SIX = picturesOf({ cycle: 'six', tiles: false })
const FIRST: Picture = { shrink: 0, white: 210, tiles: false }
const TILES: Picture = { shrink: 0, white: 210, tiles: true }
const layout = (width: number, height: number, change: Partial<Sheet> = {}): Layout => layoutOf({ width, height, frame: 0, size: 33, picture: FIRST, policy: POLICY, ...change })
const policy = (change: Partial<QrPolicy>): QrPolicy => ({ ...POLICY, ...change })

interface Edges { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
const edgesOf = (place: Place, size: number, quiet = 0): Edges => {
  const spare = quiet * place.module
  return { left: place.x - spare, top: place.y - spare, right: place.x + size * place.module + spare, bottom: place.y + size * place.module + spare }
}
const edgesOfBox = ({ x, y, width, height }: Box): Edges => ({ left: x, top: y, right: x + width, bottom: y + height })
const touches = (a: Edges, b: Edges): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** A brush that remembers where it was black. */
function painted(sheet: Layout, text: string, o: { width: number; height: number; white: number; gainPercent: number }): { readonly fills: string[]; isDark: (x: number, y: number) => boolean } {
  const rects: { style: string; x: number; y: number; w: number; h: number }[] = []
  const brush = { fillStyle: '', fillRect: (x: number, y: number, w: number, h: number) => { rects.push({ style: brush.fillStyle, x, y, w, h }) } }
  paint(brush, { matrix: matrixOf(text, 'L'), layout: sheet, ...o })
  return { fills: [...new Set(rects.map(r => r.style))], isDark: (x, y) => rects.some(r => r.style === '#000' && x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h) }
}

describe('the code', () => {
  test('takes the lowest version: 53 bytes fit version 3, 54 to 78 version 4, more is version 5', () => {
    expect([42, 53, 54, 78, 79].map(n => matrixOf('x'.repeat(n), 'L').version)).toEqual([3, 3, 4, 4, 5])
    expect(matrixOf('x'.repeat(53), 'L').size).toBe(29)
    expect(matrixOf('x'.repeat(78), 'L').size).toBe(33)
  })

  test('is one byte segment, also for text that could be packed otherwise', () => {
    // 54 digits in numeric mode would fit version 2; as bytes they need version 4.
    expect(matrixOf('4'.repeat(54), 'L').version).toBe(4)
  })

  test('at another level is what the setting says', () => {
    expect(matrixOf('x'.repeat(60), 'M').version).toBe(4)
    expect(matrixOf('x'.repeat(60), 'H').version).toBe(7) // facts/tuya.md 3.2: 4 / 4 / 5 / 7
  })
})

const PANELS = [[1280, 720, 0], [1280, 720, 10], [1920, 1080, 0], [1920, 1080, 10], [3840, 2160, 20], [7680, 4320, 40], [1920, 1200, 0], [1080, 1920, 0], [1080, 1920, 10], [2160, 3840, 20]] as const

describe('the layout', () => {
  test('a 43 inch panel at 1080 lines: 29 device pixels a module, four side codes of 11', () => {
    expect(layout(1920, 1080).codes.map(c => c.module)).toEqual([29, 11, 11, 11, 11])
  })

  test.each(PANELS)('at %i x %i with a frame of %i nothing comes near anything else in any picture', (width, height, frame) => {
    for (const picture of picturesOf({ cycle: 'six', tiles: true })) {
      const { codes, words } = layout(width, height, { frame, picture })
      for (const place of codes) {
        const { left, top, right, bottom } = edgesOf(place, 33, 2)
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(frame)
        expect(right).toBeLessThanOrEqual(width - frame)
        expect(bottom).toBeLessThanOrEqual(height - frame)
        for (const other of codes) if (other !== place) expect(touches(edgesOf(place, 33, 2), edgesOf(other, 33))).toBe(false)
        for (const box of words) expect(touches(edgesOf(place, 33, 2), edgesOfBox(box))).toBe(false)
      }
      expect(codes.length).toBe(picture.tiles ? 4 : 5)
      for (const box of words) expect(Math.min(box.width, box.height)).toBeGreaterThan(Math.min(width, height) / 8)
    }
  })

  test('an upright panel is a lying one turned round', () => {
    const turned = layout(1080, 1920)
    const lying = layout(1920, 1080)
    expect(turned.codes).toEqual(lying.codes.map(({ x, y, module }) => ({ x: y, y: x, module })))
    expect(turned.words).toEqual(lying.words.map(({ x, y, width, height }) => ({ x: y, y: x, width: height, height: width })))
  })

  test('the large code shrinks by 0, 2, 1, 3, 4 and 6 pixels a module at 1080 lines, four times that at 4320', () => {
    const modules = (height: number): number[] => SIX.map(picture => layout(height * 16 / 9, height, { picture }).codes[0]?.module ?? 0)
    expect(modules(1080)).toEqual([29, 27, 28, 26, 25, 23])
    expect(modules(2160)).toEqual([58, 54, 56, 52, 50, 46])
    expect(modules(4320)).toEqual([116, 108, 112, 104, 100, 92])
  })

  test('the side codes and the words stay where they are through the whole cycle', () => {
    for (const picture of SIX) {
      expect(layout(1920, 1080, { picture }).codes.slice(1)).toEqual(layout(1920, 1080).codes.slice(1))
      expect(layout(1920, 1080, { picture }).words).toEqual(layout(1920, 1080).words)
    }
  })

  test('a square panel has no room for side codes, and still for words', () => {
    const { codes, words } = layout(1080, 1080)
    expect(codes.length).toBe(1)
    for (const box of words) expect(box.width).toBeGreaterThan(40)
  })

  test('the four tiles are as large as the short side lets them, a quiet zone apart', () => {
    expect(layout(3840, 2160, { picture: TILES }).codes.map(c => c.module)).toEqual([27, 27, 27, 27]) // 2160 / (2 x 33 + 3 x 4)
  })

  test('margin and copies are settings', () => {
    expect(layout(1920, 1080, { policy: policy({ margin: 4 }) }).codes[0]?.module).toBe(26) // facts/qr-display.md: full screen, margin 4
    expect(layout(1920, 1080, { policy: policy({ copies: false }) }).codes).toHaveLength(1)
  })
})

describe('the cycle', () => {
  test('has white levels of 210, 255, 170, 210, 255, 130; one cycle lasts 6 to 9 seconds', () => {
    expect(SIX.map(c => c.white)).toEqual([210, 255, 170, 210, 255, 130])
    expect(POLICY.stepMs * SIX.length).toBeGreaterThanOrEqual(6000)
    expect(POLICY.stepMs * SIX.length).toBeLessThanOrEqual(9000)
  })

  test('can stand still, and has a seventh picture for large panels with cameras close by', () => {
    expect(picturesOf({ cycle: 'still', tiles: false })).toEqual([FIRST])
    expect(picturesOf({ cycle: 'six', tiles: true })).toEqual([...SIX, TILES])
  })
})

describe('the picture', () => {
  test.each([[15, 4], [0, 0], [30, 9]])('is one white and black, and dark runs are widened by %i percent of a module', (gainPercent, gain) => {
    const sheet = layout(1920, 1080, { size: matrixOf(CODE_TEXT, 'L').size })
    const { fills, isDark } = painted(sheet, CODE_TEXT, { width: 1920, height: 1080, white: 170, gainPercent })
    expect(fills).toEqual(['rgb(170 170 170)', '#000'])
    const large = sheet.codes[0] ?? { x: 0, y: 0, module: 1 }
    const y = large.y + Math.floor(large.module / 2)
    let run = 0
    for (let x = large.x - large.module; x < large.x + 7.5 * large.module; x++) if (isDark(x, y)) run += 1
    expect(run).toBe(7 * 29 + gain) // upper edge of the finder pattern: seven modules
  })

  test('without a code there is white and nothing else', () => {
    const fills: string[] = []
    const brush = { fillStyle: '', fillRect: () => { fills.push(brush.fillStyle) } }
    paint(brush, { matrix: null, layout: null, width: 10, height: 10, white: 255, gainPercent: 15 })
    expect(fills).toEqual(['rgb(255 255 255)'])
  })
})
