/**
 * The displays of this computer as Linux tells them (/sys/class/drm): which are connected, and what each says of itself. Other
 * systems tell nothing here; the browser that opens the pages knows the rest.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Display, Screens } from '../ports.ts'

const DRM = '/sys/class/drm'
/** Connectors inside the computer. */
const BUILT_IN = /-(eDP|LVDS|DSI|DPI)-/
const MODE = /^(\d{3,5})x(\d{3,5})/

export class LinuxScreens implements Screens {
  readonly #root: string

  constructor(root: string = DRM) {
    this.#root = root
  }

  list(): readonly Display[] {
    return orNothing(() => readdirSync(this.#root).toSorted(), []).filter(name => /^card\d+-/.test(name)).flatMap(name => this.#displayAt(name))
  }

  #displayAt(name: string): Display[] {
    const text = (file: string): string => orNothing(() => readFileSync(join(this.#root, name, file), 'utf8'), '').trim()
    if (text('status') !== 'connected') return []
    const edid = orNothing(() => new Uint8Array(readFileSync(join(this.#root, name, 'edid'))), new Uint8Array(0))
    const [, width, height] = MODE.exec(text('modes')) ?? []
    return [{ id: name, label: name.replace(/^card\d+-/, ''), width: Number(width ?? 0), height: Number(height ?? 0), scale: 1, isPrimary: false, isBuiltIn: BUILT_IN.test(name), edid }]
  }
}

function orNothing<T>(work: () => T, nothing: T): T {
  try { return work() } catch { return nothing }
}
