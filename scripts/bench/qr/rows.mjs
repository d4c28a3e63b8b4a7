// The pictures that are compared: the page's own drawing in pixels, and what somebody without the sheet would show.
import { create } from 'qrcode'
import { layoutOf, matrixOf, paint } from '../../../src/renderer/common/qr.ts'
import { makePanel } from './camera.mjs'

/** 64 bytes, as in the sheet; 46 for its short payload. */
export const TEXT = JSON.stringify({ p: 'bench-2026four!', s: 'RETURNS-BENCH', t: 'EUAbCd1234Ef56' })
export const SHORT = JSON.stringify({ p: 'bench1', s: 'R1-A', t: 'EUAbCd1234Ef56' })

const SINGLE = { margin: 2, copies: false }

function canvas(width, height) {
  const pixels = new Uint8Array(4 * width * height)
  const brush = {
    fillStyle: '',
    fillRect(x, y, w, h) {
      const grey = brush.fillStyle === '#000' ? 0 : Number(/\d+/.exec(brush.fillStyle)?.[0] ?? 255)
      for (let row = Math.max(0, y); row < Math.min(height, y + h); row++) pixels.fill(grey, 4 * (row * width + Math.max(0, x)), 4 * (row * width + Math.min(width, x + w)))
    }
  }
  return { pixels, brush }
}

/** One of our pictures without the page round it; `gainPercent` and `white` as the row says. */
export function ours(o) {
  const [width, height] = o.size ?? [1920, 1080]
  const { pixels, brush } = canvas(width, height)
  const matrix = matrixOf(o.text ?? TEXT, 'L')
  const picture = { shrink: o.shrink ?? 0, white: o.white, tiles: false }
  const layout = layoutOf({ width, height, frame: 0, size: matrix.size, picture, policy: { ...SINGLE, copies: o.copies ?? false } })
  paint(brush, { matrix, layout, width, height, white: o.white, gainPercent: o.gainPercent })
  return makePanel(pixels, width, height, o.inches)
}

/** `qrcode` as it comes: level M, margin 4, its own segments; over the whole height, or `side` pixels in the middle. */
export function defaults(o) {
  const [width, height] = o.size ?? [1920, 1080]
  const { pixels, brush } = canvas(width, height)
  brush.fillStyle = 'rgb(255 255 255)'
  brush.fillRect(0, 0, width, height)
  brush.fillStyle = '#000'
  const { modules } = create(o.text ?? TEXT, { errorCorrectionLevel: 'M' })
  const side = o.side ?? height
  const unit = side / (modules.size + 8)
  const [x0, y0] = [(width - side) / 2 + 4 * unit, (height - side) / 2 + 4 * unit]
  const at = n => Math.round(n * unit)
  for (let r = 0; r < modules.size; r++) {
    for (let c = 0; c < modules.size; c++) {
      if (modules.get(r, c) === 1) brush.fillRect(Math.round(x0) + at(c), Math.round(y0) + at(r), at(c + 1) - at(c), at(r + 1) - at(r))
    }
  }
  return makePanel(pixels, width, height, o.inches)
}
