/**
 * How the rack display draws a pairing code (facts/qr-display.md, "Recommended rendering policy"; the numbers of its points
 * are given below). Pure: the modules, where they go, and the pictures that take turns. Whole device pixels throughout.
 */
import { create } from 'qrcode'
import type { QrPolicy } from '#shared'

export interface Matrix { readonly size: number; readonly version: number; readonly isDark: (row: number, column: number) => boolean }

/** Point 1: lowest version, one byte segment, automatic mask. */
export function matrixOf(text: string, level: QrPolicy['level']): Matrix {
  const code = create([{ data: new TextEncoder().encode(text), mode: 'byte' }], { errorCorrectionLevel: level })
  return { size: code.modules.size, version: code.version, isDark: (row, column) => code.modules.get(row, column) === 1 }
}

/** `shrink`: so many pixels a module smaller, at 1080 lines. `white`: this grey for white. */
export interface Picture { readonly shrink: number; readonly white: number; readonly tiles: boolean }

const picture = (shrink: number, white: number, tiles = false): Picture => ({ shrink, white, tiles })
/** Point 7, in this order. */
const SIX = [picture(0, 210), picture(2, 255), picture(1, 170), picture(3, 210), picture(4, 255), picture(6, 130)] as const
/** Point 8: for cameras so near that they do not see all of the large code. */
const TILES = picture(0, 210, true)
const LINES = 1080

/** The pictures that take turns, with a hard switch. */
export function picturesOf(policy: Pick<QrPolicy, 'cycle' | 'tiles'>): readonly Picture[] {
  const pictures = policy.cycle === 'six' ? SIX : [SIX[0]]
  return policy.tiles ? [...pictures, TILES] : pictures
}

/** The quiet zone of the standard, kept between the side codes and everything else. */
const QUIET = 4
/** Of the short side, for each of two side codes in a strip; the rest is for the words between them. */
const SIDE_SHARE = 0.38
/** A side code with smaller modules would help no camera. */
const SIDE_MODULE_MIN = 4
/** On a nearly square screen the large code leaves a strip for the words. */
const ROOM_SHARE = 0.8

export interface Place { readonly x: number; readonly y: number; readonly module: number }
export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
export interface Layout {
  /** The large code first, then the side codes (point 6) where there is room for them; or the four tiles. */
  readonly codes: readonly Place[]
  /** Free of codes and their quiet zones in every picture: left and right, or above and below. Device pixels. */
  readonly words: readonly [Box, Box]
}

/** `frame`: device pixels at each edge that belong to something else. */
export interface Sheet { readonly width: number; readonly height: number; readonly frame: number; readonly size: number; readonly picture: Picture; readonly policy: Pick<QrPolicy, 'margin' | 'copies'> }

/** Reckoned along the long side (u) and the short side (v), so that an upright panel is a lying one turned round. */
export function layoutOf(sheet: Sheet): Layout {
  const { width, height, frame, size, picture: { shrink, tiles }, policy: { margin, copies } } = sheet
  const isUpright = height > width
  const [uAll, vAll] = isUpright ? [height, width] : [width, height]
  const long = uAll - 2 * frame
  const short = vAll - 2 * frame
  const full = Math.max(1, Math.floor(Math.min(short, long * ROOM_SHARE) / (size + 2 * margin))) // point 4
  const less = Math.round(shrink * short / LINES)
  const module = Math.max(1, full - Math.min(less, full >> 1))
  const at = (u: number, v: number, m: number): Place => isUpright ? { x: v, y: u, module: m } : { x: u, y: v, module: m }
  const box = (u: number, v: number, du: number, dv: number): Box => isUpright ? { x: v, y: u, width: dv, height: du } : { x: u, y: v, width: du, height: dv }
  const large = at(Math.round((uAll - size * module) / 2), Math.round((vAll - size * module) / 2), module)
  const strip = Math.floor((uAll - size * full) / 2) - frame
  const free = Math.max(0, strip - margin * full) // the large code keeps its margin; copies shrink first
  const small = copies ? Math.min(Math.floor(free / (size + QUIET)), Math.floor(short * SIDE_SHARE / (size + QUIET))) : 0
  const length = size * small
  const edge = small < SIDE_MODULE_MIN ? frame : frame + Math.floor((free - length) / 2)
  const first = small < SIDE_MODULE_MIN ? frame + margin * full : frame + margin * small
  const wordsAt = small < SIDE_MODULE_MIN ? first : first + length + QUIET * small
  const wordsLength = small < SIDE_MODULE_MIN ? free : length
  const words = [box(edge, wordsAt, wordsLength, vAll - 2 * wordsAt), box(uAll - edge - wordsLength, wordsAt, wordsLength, vAll - 2 * wordsAt)] as const
  if (tiles) return { codes: tilesOf({ uAll, vAll, short: Math.min(short, long * ROOM_SHARE), size }, at), words }
  const copiesAt = small < SIDE_MODULE_MIN ? [] : [edge, uAll - edge - length].flatMap(u => [first, vAll - first - length].map(v => at(u, v, small)))
  return { codes: [large, ...copiesAt], words }
}

/** Two by two in the square of the large code, a whole quiet zone apart. */
function tilesOf(o: { uAll: number; vAll: number; short: number; size: number }, at: (u: number, v: number, m: number) => Place): Place[] {
  const module = Math.max(1, Math.floor(o.short / (2 * o.size + 3 * QUIET)))
  const length = o.size * module
  const gap = QUIET * module
  const start = (all: number): number => Math.round((all - 2 * length - gap) / 2)
  const [u, v] = [start(o.uAll), start(o.vAll)]
  return [[u, v], [u + length + gap, v], [u, v + length + gap], [u + length + gap, v + length + gap]].map(([x = 0, y = 0]) => at(x, y, module))
}

type Brush = Pick<CanvasRenderingContext2D, 'fillRect' | 'fillStyle'>

/** One picture of the cycle: the whole ground in one level of white (point 3), black modules, nothing else (point 9). */
export function paint(brush: Brush, o: { matrix: Matrix | null; layout: Layout | null; width: number; height: number; white: number; gainPercent: number }): void {
  brush.fillStyle = `rgb(${o.white} ${o.white} ${o.white})`
  brush.fillRect(0, 0, o.width, o.height)
  if (o.matrix === null || o.layout === null) return
  brush.fillStyle = '#000'
  for (const place of o.layout.codes) paintCode(brush, o.matrix, place, o.gainPercent)
}

/** Point 5: each dark run is widened by a share of a module. */
function paintCode(brush: Brush, matrix: Matrix, place: Place, gainPercent: number): void {
  const gain = Math.round(gainPercent / 100 * place.module)
  const before = Math.floor(gain / 2)
  const side = place.module + gain
  for (let row = 0; row < matrix.size; row++) {
    for (let column = 0; column < matrix.size; column++) {
      if (matrix.isDark(row, column)) brush.fillRect(place.x + column * place.module - before, place.y + row * place.module - before, side, side)
    }
  }
}
