// The two decoders: zbar as cheap firmware has it, and ZXing. Both say for each frame whether exactly the payload was read.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CAMERA } from './camera.mjs'

const run = promisify(execFile)
const DIST = resolve(import.meta.dirname, '../../../bench/peers/node_modules/zxing-wasm/dist')

/** All frames in one process: `zbarimg` tells them apart by number. */
export async function zbar(frames, text) {
  const dir = mkdtempSync(join(tmpdir(), 'unbindery-frames-'))
  try {
    const paths = frames.map((frame, i) => {
      const path = join(dir, `${i}.pgm`)
      writeFileSync(path, Buffer.concat([Buffer.from(`P5 ${CAMERA.width} ${CAMERA.height} 255\n`), frame]))
      return path
    })
    const { stdout } = await run('zbarimg', ['-q', '--xml', ...paths], { maxBuffer: 1 << 26 }).catch(error => error.code === 4 ? error : Promise.reject(error))
    const read = new Set()
    const strays = []
    for (const [, path, body] of stdout.matchAll(/<source href='([^']+)'>([\s\S]*?)<\/source>/g)) {
      const texts = [...body.matchAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g)].map(m => m[1])
      if (texts.includes(text)) read.add(paths.indexOf(path))
      strays.push(...texts.filter(t => t !== text))
    }
    return { read: frames.map((_, i) => read.has(i)), strays: strays.length }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

let reader = null

export async function zxing(frames, text) {
  if (reader === null) {
    reader = await import(join(DIST, 'es/reader/index.js'))
    await reader.prepareZXingModule({ overrides: { wasmBinary: readFileSync(join(DIST, 'reader/zxing_reader.wasm')) }, fireImmediately: true })
  }
  const read = []
  let strays = 0
  for (const frame of frames) {
    const data = new Uint8ClampedArray(4 * frame.length)
    for (let i = 0; i < frame.length; i++) data.fill(frame[i], 4 * i, 4 * i + 3)
    for (let i = 3; i < data.length; i += 4) data[i] = 255
    const found = (await reader.readBarcodes({ data, width: CAMERA.width, height: CAMERA.height, colorSpace: 'srgb' }, { tryHarder: false, tryInvert: false, maxNumberOfSymbols: 5 })).filter(f => f.isValid).map(f => f.text)
    read.push(found.includes(text))
    strays += found.filter(f => f !== text).length
  }
  return { read, strays }
}
