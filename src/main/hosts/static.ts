/**
 * The pages of `out/renderer`, read once at the start: only what was there then can be asked for, so no path can lead
 * anywhere else. The same rules and the same content policy serve the browser and the Electron window.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'

const FILES_MAX = 200
const BYTES_MAX = 32 * 1024 * 1024
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.ico': 'image/x-icon', '.json': 'application/json', '.wasm': 'application/wasm', '.woff2': 'font/woff2', '.webmanifest': 'application/manifest+json'
}

export interface PageAnswer { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array<ArrayBuffer> }

export class Pages {
  readonly #files = new Map<string, { readonly body: Uint8Array<ArrayBuffer>; readonly type: string }>()

  constructor(root: string) {
    let bytes = 0
    for (const path of listFiles(root).slice(0, FILES_MAX)) {
      const body = new Uint8Array(readFileSync(join(root, path)))
      bytes += body.byteLength
      const type = TYPES[extname(path)]
      if (type !== undefined && bytes <= BYTES_MAX) this.#files.set(`/${path}`, { body, type })
    }
  }

  get isBuilt(): boolean {
    return this.#files.has('/index.html')
  }

  /** `target` is what the request line said: a path, perhaps with a query, perhaps nonsense. */
  answer(target: string, connect: string): PageAnswer {
    const path = pathOf(target)
    if (path === null) return plain(400, 'That is not an address.', connect)
    const file = this.#files.get(path === '/' ? '/index.html' : path)
    if (file) return { status: 200, headers: { ...safeHeaders(connect), 'content-type': file.type }, body: file.body }
    if (path === '/favicon.ico') return { status: 204, headers: safeHeaders(connect), body: new Uint8Array(0) }
    return plain(404, path === '/' ? 'The pages are not built; run: npm run build' : 'There is no such page.', connect)
  }
}

export function plain(status: number, text: string, connect: string): PageAnswer {
  return { status, headers: { ...safeHeaders(connect), 'content-type': 'text/plain; charset=utf-8' }, body: new TextEncoder().encode(`${text}\n`) }
}

/** `connect`: where a page may open its web socket, beside its own origin; '' for nowhere. */
export function contentPolicy(connect: string): string {
  return [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    `connect-src 'self'${connect === '' ? '' : ` ${connect}`}`, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"
  ].join('; ')
}

function safeHeaders(connect: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentPolicy(connect), 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store'
  }
}

function pathOf(target: string): string | null {
  const [path = ''] = target.split(/[?#]/)
  if (!path.startsWith('/')) return null
  try { return decodeURIComponent(path) } catch { return null } // `/%zz` throws
}

function listFiles(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(path => statSync(join(root, path)).isFile())
      .map(path => path.replaceAll('\\', '/'))
      .toSorted()
  } catch {
    return []
  }
}
