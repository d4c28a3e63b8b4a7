/** Pictures of codes for tests: drawn by the `qrcode` library, and PNG files that lie about what is in them. */
import { crc32, deflateSync } from 'node:zlib'
import QRCode from 'qrcode'

export const PHONE_TOKEN = 'EUPhoneTok1234'
export const PHONE_CODE = JSON.stringify({ p: 'password-of-the-shop', s: 'SHOP', t: PHONE_TOKEN })

export const qrPng = (text: string): Promise<Buffer> => QRCode.toBuffer(text, { scale: 6, margin: 4 })

/** Grey points of one code, or several side by side, on white. */
export function qrPoints(texts: readonly string[], size: { readonly width: number; readonly height: number }, scale: number): Uint8Array<ArrayBuffer> {
  const points = new Uint8Array(size.width * size.height).fill(235)
  texts.forEach((text, i) => {
    const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
    const left = Math.floor((i + 0.5) * size.width / texts.length - modules.size * scale / 2)
    const top = Math.floor((size.height - modules.size * scale) / 2)
    for (let y = 0; y < modules.size * scale; y += 1) for (let x = 0; x < modules.size * scale; x += 1) {
      if (modules.get(Math.floor(y / scale), Math.floor(x / scale)) !== 0) points[(top + y) * size.width + left + x] = 16
    }
  })
  return points
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.byteLength)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A PNG of one grey byte a point that claims this size; `rows`: what is really in it, filter bytes and all. */
export function greyPng(width: number, height: number, rows: Uint8Array): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array(0))])
}

/** The same points as a PNG. */
export function pngOf(points: Uint8Array, width: number): Buffer {
  const height = points.byteLength / width
  const rows = new Uint8Array(height * (width + 1))
  for (let y = 0; y < height; y += 1) rows.set(points.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  return greyPng(width, height, rows)
}

/** A video of one still picture, as Chromium's fake webcam reads it (YUV4MPEG2). */
export function y4mOf(points: Uint8Array, { width, height }: { readonly width: number; readonly height: number }): Buffer {
  const colour = Buffer.alloc(width * height / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), points, colour])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420mpeg2\n`), frame, frame])
}

/** Nothing but the corner marks of codes, `scale` points a module: small as a file, and a reader tries every three of them. */
export function finderPng(side: number, scale: number): Uint8Array {
  const rows = new Uint8Array(side * (side + 1))
  for (let y = 0; y < side; y += 1) for (let x = 0; x < side; x += 1) {
    const [a, b] = [Math.floor(x / scale) % 8, Math.floor(y / scale) % 8]
    rows[y * (side + 1) + 1 + x] = a === 7 || b === 7 || Math.min(a, b, 6 - a, 6 - b) === 1 ? 255 : 0
  }
  return greyPng(side, side, rows)
}
