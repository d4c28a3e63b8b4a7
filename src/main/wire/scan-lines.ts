/**
 * What a scanner in serial mode sends, as scans: ended by CR, LF, CR LF, Tab, or by silence where it has no suffix at all. One
 * scan is one text, however its bytes are cut; CR LF is one end and not two. GS1 codes keep their group separator.
 */
export const SCAN_BYTES_MAX = 512
const ENDS: ReadonlySet<number> = new Set([0x0d, 0x0a, 0x09])
const GROUP_SEPARATOR = 0x1d

export class ScanLines {
  #bytes: number[] = []
  #isTooLong = false
  /** Scans longer than the maximum, and bytes no label holds. */
  malformed = 0

  /** The scans that end in this chunk, in order. */
  push(chunk: Uint8Array): string[] {
    const scans: string[] = []
    for (const byte of chunk) {
      if (ENDS.has(byte)) {
        const scan = this.flush()
        if (scan !== null) scans.push(scan)
      } else if (byte < 0x20 && byte !== GROUP_SEPARATOR) this.malformed += 1
      else if (this.#bytes.length < SCAN_BYTES_MAX) this.#bytes.push(byte)
      else this.#isTooLong = true
    }
    return scans
  }

  /** Something has begun and not ended. */
  get isOpen(): boolean { return this.#bytes.length > 0 }

  /** What has come so far is the scan: the scanner has no suffix and is silent now. null: nothing came. */
  flush(): string | null {
    if (this.#bytes.length === 0) return null
    const text = new TextDecoder().decode(Uint8Array.from(this.#bytes))
    const isTooLong = this.#isTooLong
    this.#bytes = []
    this.#isTooLong = false
    if (isTooLong) {
      this.malformed += 1
      return null
    }
    return text.trim() === '' ? null : text
  }
}
