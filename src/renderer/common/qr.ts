/**
 * How the rack display draws a pairing code (facts/qr-display.md, "Recommended rendering policy"; the numbers of its points
 * are given below). Pure: the modules, where they go, and six pictures that take turns. Whole device pixels throughout.
 */
import { create } from 'qrcode'

export interface Matrix { readonly size: number; readonly version: number; readonly isDark: (row: number, column: number) => boolean }

/** Point 1: level L, lowest version, one byte segment, automatic mask. */
export function matrixOf(text: string): Matrix {
  const code = create([{ data: new TextEncoder().encode(text), mode: 'byte' }], { errorCorrectionLevel: 'L' })
  return { size: code.modules.size, version: code.version, isDark: (row, column) => code.modules.get(row, column) === 1 }
}

/** Point 2: from version 5 on the Wi-Fi name and password are too long. */
export const VERSION_MAX = 4
/** Point 3: white modules above and below the large code. */
const MARGIN = 2
/** Point 5: each dark run is widened by this share of a module. */
const DARK_GAIN = 0.15
/** Point 7: so many pixels a module smaller (at 1080 lines), and this grey for white. */
export const CYCLE = [
  { shrink: 0, white: 210 }, { shrink: 2, white: 255 }, { shrink: 1, white: 170 },
  { shrink: 3, white: 210 }, { shrink: 4, white: 255 }, { shrink: 6, white: 130 }
] as const
/** Point 7: one step in 1.0 to 1.5 s, hard switch. */
export const STEP_MS = 1200
const LINES = 1080
/** The quiet zone of the standard, kept between the side codes and everything else. */
const QUIET = 4
/** Of the height, for each of two side codes one above the other; the rest is for the words between them. */
const SIDE_SHARE = 0.38
/** A side code with smaller modules would help no camera. */
const SIDE_MODULE_MIN = 3

export interface Place { readonly x: number; readonly y: number; readonly module: number }
export interface Layout {
  /** The large code first, then the side codes (point 6); null where there is no room for it. */
  readonly codes: readonly Place[]
  /** Free of codes and their quiet zones, for the words, as far from the left edge as from the right. Device pixels. */
  readonly words: { readonly top: number; readonly height: number; readonly edge: number; readonly width: number }
}

/** `frame`: device pixels at each edge that belong to something else. */
export function layoutOf(o: { width: number; height: number; frame: number; size: number; step: number }): Layout {
  const width = o.width - 2 * o.frame
  const height = o.height - 2 * o.frame
  const full = Math.max(1, Math.floor(Math.min(width, height) / (o.size + 2 * MARGIN))) // point 4
  const shrink = Math.round((CYCLE[o.step % CYCLE.length]?.shrink ?? 0) * height / LINES)
  const module = Math.max(1, full - Math.min(shrink, full >> 1))
  const large: Place = { module, x: Math.round((o.width - o.size * module) / 2), y: Math.round((o.height - o.size * module) / 2) }
  const strip = Math.floor((o.width - o.size * full) / 2) - o.frame
  const side = Math.floor(strip / (o.size + 2 * QUIET))
  const half = Math.floor(height * SIDE_SHARE / (o.size + QUIET))
  const small = Math.min(side, half)
  if (small < SIDE_MODULE_MIN) return { codes: [large], words: { top: o.frame, height, edge: o.frame, width: Math.max(0, strip - MARGIN * full) } }
  const length = o.size * small
  const quiet = QUIET * small
  const left = o.frame + Math.floor((strip - length) / 2)
  const right = o.width - left - length
  const top = o.frame + MARGIN * small
  const bottom = o.height - top - length
  const codes = [large, ...[left, right].flatMap(x => [top, bottom].map(y => ({ x, y, module: small })))]
  const wordsTop = top + length + quiet
  return { codes, words: { top: wordsTop, height: o.height - 2 * wordsTop, edge: left, width: length } }
}

type Brush = Pick<CanvasRenderingContext2D, 'fillRect' | 'fillStyle'>

/** One picture of the cycle: the whole ground in one level of white (point 3), black modules, nothing else (point 9). */
export function paint(brush: Brush, o: { matrix: Matrix | null; layout: Layout | null; width: number; height: number; white: number }): void {
  brush.fillStyle = `rgb(${o.white} ${o.white} ${o.white})`
  brush.fillRect(0, 0, o.width, o.height)
  if (o.matrix === null || o.layout === null) return
  brush.fillStyle = '#000'
  for (const place of o.layout.codes) paintCode(brush, o.matrix, place)
}

function paintCode(brush: Brush, matrix: Matrix, place: Place): void {
  const gain = Math.round(DARK_GAIN * place.module)
  const before = Math.floor(gain / 2)
  const side = place.module + gain
  for (let row = 0; row < matrix.size; row++) {
    for (let column = 0; column < matrix.size; column++) {
      if (matrix.isDark(row, column)) brush.fillRect(place.x + column * place.module - before, place.y + row * place.module - before, side, side)
    }
  }
}
