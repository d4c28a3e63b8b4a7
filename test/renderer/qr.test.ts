import { describe, expect, test } from 'vitest'
import { CYCLE, layoutOf, matrixOf, paint, STEP_MS, type Layout, type Place } from '../../src/renderer/common/qr.ts'
import { CODE_TEXT } from '../helpers/fixtures.ts'

// The figures are those of facts/qr-display.md, "Recommended rendering policy".
const PANEL = { width: 1920, height: 1080, frame: 0, step: 0 }
const boxOf = (place: Place, size: number): { left: number; top: number; right: number; bottom: number } =>
  ({ left: place.x, top: place.y, right: place.x + size * place.module, bottom: place.y + size * place.module })

/** A brush that remembers where it was black. */
function painted(layout: Layout, text: string, o: { width: number; height: number; white: number }): { readonly fills: string[]; isDark: (x: number, y: number) => boolean } {
  const rects: { style: string; x: number; y: number; w: number; h: number }[] = []
  const brush = { fillStyle: '', fillRect: (x: number, y: number, w: number, h: number) => { rects.push({ style: brush.fillStyle, x, y, w, h }) } }
  paint(brush, { matrix: matrixOf(text), layout, ...o })
  return { fills: [...new Set(rects.map(r => r.style))], isDark: (x, y) => rects.some(r => r.style === '#000' && x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h) }
}

describe('the code', () => {
  test('takes the lowest version: 53 bytes fit version 3, 54 to 78 version 4, more is version 5', () => {
    expect([42, 53, 54, 78, 79].map(n => matrixOf('x'.repeat(n)).version)).toEqual([3, 3, 4, 4, 5])
    expect(matrixOf('x'.repeat(53)).size).toBe(29)
    expect(matrixOf('x'.repeat(78)).size).toBe(33)
  })

  test('is one byte segment, also for text that could be packed otherwise', () => {
    // 54 digits in numeric mode would fit version 2; as bytes they need version 4.
    expect(matrixOf('4'.repeat(54)).version).toBe(4)
  })
})

describe('the layout', () => {
  test('a 43 inch panel at 1080 lines: 29 device pixels a module, four side codes of 11', () => {
    const { codes } = layoutOf({ ...PANEL, size: 33 })
    expect(codes.map(c => c.module)).toEqual([29, 11, 11, 11, 11])
  })

  test.each([[1280, 720, 0], [1280, 720, 10], [1920, 1080, 0], [1920, 1080, 10], [3840, 2160, 20], [1920, 1200, 0]] as const)('at %i x %i with a frame of %i all codes keep their quiet zones in all six states', (width, height, frame) => {
    for (let step = 0; step < CYCLE.length; step++) {
      const { codes, words } = layoutOf({ width, height, frame, size: 33, step })
      const boxes = codes.map(place => ({ ...boxOf(place, 33), quiet: 2 * place.module }))
      const [large, ...sides] = boxes
      for (const box of boxes) {
        expect(box.top).toBeGreaterThanOrEqual(frame + box.quiet)
        expect(box.left).toBeGreaterThanOrEqual(frame + box.quiet)
        expect(box.bottom).toBeLessThanOrEqual(height - frame - box.quiet)
        expect(box.right).toBeLessThanOrEqual(width - frame - box.quiet)
      }
      expect(sides.length).toBe(4)
      for (const side of sides) {
        const gap = Math.max((large?.left ?? 0) - side.right, side.left - (large?.right ?? 0))
        expect(gap).toBeGreaterThanOrEqual(4 * 2)
        expect(gap).toBeGreaterThanOrEqual(side.quiet)
        const isAbove = side.bottom <= words.top - 2 * side.quiet
        const isBelow = side.top >= words.top + words.height + 2 * side.quiet
        expect(isAbove || isBelow).toBe(true)
      }
      expect(words.height).toBeGreaterThan(height / 8)
    }
  })

  test('the large code shrinks by 0, 2, 1, 3, 4 and 6 pixels a module at 1080 lines, twice that at 2160', () => {
    const modules = (height: number): number[] => CYCLE.map((_, step) => layoutOf({ width: height * 16 / 9, height, frame: 0, size: 33, step }).codes[0]?.module ?? 0)
    expect(modules(1080)).toEqual([29, 27, 28, 26, 25, 23])
    expect(modules(2160)).toEqual([58, 54, 56, 52, 50, 46])
  })

  test('the side codes stay where they are through the whole cycle', () => {
    const sides = CYCLE.map((_, step) => layoutOf({ ...PANEL, size: 33, step }).codes.slice(1))
    for (const each of sides) expect(each).toEqual(sides[0])
  })

  test('a narrow panel shows the large code alone', () => {
    expect(layoutOf({ width: 1080, height: 1080, frame: 0, size: 33, step: 0 }).codes.length).toBe(1)
    expect(layoutOf({ width: 1080, height: 1920, frame: 0, size: 33, step: 0 }).codes[0]?.module).toBe(29)
  })

  test('white levels are 210, 255, 170, 210, 255, 130; one cycle lasts 6 to 9 seconds', () => {
    expect(CYCLE.map(c => c.white)).toEqual([210, 255, 170, 210, 255, 130])
    expect(STEP_MS * CYCLE.length).toBeGreaterThanOrEqual(6000)
    expect(STEP_MS * CYCLE.length).toBeLessThanOrEqual(9000)
  })
})

describe('the picture', () => {
  test('is one white and black, and dark runs are widened by 15 percent of a module', () => {
    const layout = layoutOf({ ...PANEL, size: matrixOf(CODE_TEXT).size })
    const { fills, isDark } = painted(layout, CODE_TEXT, { width: 1920, height: 1080, white: 170 })
    expect(fills).toEqual(['rgb(170 170 170)', '#000'])
    const large = layout.codes[0] ?? { x: 0, y: 0, module: 1 }
    const y = large.y + Math.floor(large.module / 2)
    let run = 0
    for (let x = large.x - large.module; x < large.x + 7.5 * large.module; x++) if (isDark(x, y)) run += 1
    expect(run).toBe(7 * 29 + Math.round(0.15 * 29)) // upper edge of the finder pattern: seven modules
  })

  test('without a code there is white and nothing else', () => {
    const fills: string[] = []
    const brush = { fillStyle: '', fillRect: () => { fills.push(brush.fillStyle) } }
    paint(brush, { matrix: null, layout: null, width: 10, height: 10, white: 255 })
    expect(fills).toEqual(['rgb(255 255 255)'])
  })
})
