/**
 * The files attached to a PDF, found without a PDF library: the objects of type EmbeddedFile, as pdfkit writes them and as
 * usual tools leave them. What is printed on the page is not looked at; a page can show anything.
 */
import { inflateSync } from 'node:zlib'

export const PDF_BYTES_MAX = 8 * 1024 * 1024
const ATTACHMENTS_MAX = 16
const ATTACHED_BYTES_MAX = 1024 * 1024
/** How far back a dictionary may begin before its `stream`. */
const DICTIONARY_MAX = 4096

export function isPdf(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).includes('%PDF-')
}

/** Their bytes, in the order they lie in the file. It never throws: a PDF comes from anybody. */
export function attachmentsOf(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > PDF_BYTES_MAX) return []
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const found: Uint8Array[] = []
  for (const match of text.matchAll(/\bstream\r?\n/g)) {
    if (found.length >= ATTACHMENTS_MAX) break
    const start = match.index + match[0].length
    const dictionary = text.slice(Math.max(0, match.index - DICTIONARY_MAX), match.index)
    const own = dictionary.slice(dictionary.lastIndexOf(' obj') + 1)
    const end = text.indexOf('endstream', start)
    if (!/\/Type\s*\/EmbeddedFile\b/.test(own) || end < 0) continue
    const raw = bytes.subarray(start, end)
    const plain = /\/FlateDecode\b/.test(own) ? inflated(raw) : /\/Filter\b/.test(own) ? null : trimmed(raw)
    if (plain) found.push(plain)
  }
  return found
}

function inflated(raw: Uint8Array): Uint8Array | null {
  try { return inflateSync(raw, { maxOutputLength: ATTACHED_BYTES_MAX, finishFlush: 2 }) } catch { return null } // 2: Z_SYNC_FLUSH, the line end after the stream is not part of it
}

const trimmed = (raw: Uint8Array): Uint8Array => raw.at(-1) !== 0x0a ? raw : raw.subarray(0, raw.at(-2) === 0x0d ? -2 : -1)

/** The texts among them that say they are release certificates. One is what we make; several are somebody's trick. */
export function certificatesIn(bytes: Uint8Array): string[] {
  return attachmentsOf(bytes).map(b => new TextDecoder().decode(b)).filter(text => {
    try {
      const parsed: unknown = JSON.parse(text)
      return typeof parsed === 'object' && parsed !== null && 'kind' in parsed && parsed.kind === 'unbindery.certificate'
    } catch {
      return false
    }
  })
}
