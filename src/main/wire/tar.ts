/** A tar archive (POSIX.1-1988 ustar) of plain files, for any program that reads one. */
import { concat } from './bytes.ts'

const BLOCK = 512
const NAME_MAX = 99
const encoder = new TextEncoder()

export interface TarFile { readonly name: string; readonly bytes: Uint8Array }

/** `at`: milliseconds; the time of every file. Names are short and of our own making. */
export function tarOf(files: readonly TarFile[], at: number): Uint8Array {
  const blocks = files.flatMap(({ name, bytes }) => [headOf(name.slice(0, NAME_MAX), bytes.byteLength, at), bytes, new Uint8Array((BLOCK - bytes.byteLength % BLOCK) % BLOCK)])
  return concat([...blocks, new Uint8Array(2 * BLOCK)])
}

function headOf(name: string, size: number, at: number): Uint8Array {
  const head = new Uint8Array(BLOCK)
  const put = (text: string, offset: number): void => { head.set(encoder.encode(text), offset) }
  const octal = (value: number, digits: number): string => `${Math.floor(value).toString(8).padStart(digits, '0')}\0`
  put(name, 0)
  put(octal(0o600, 7), 100) // mode
  put(octal(0, 7), 108) // owner
  put(octal(0, 7), 116) // group
  put(octal(size, 11), 124)
  put(octal(at / 1000, 11), 136)
  put(' '.repeat(8), 148) // the checksum is reckoned with blanks in its place
  put('0', 156) // a plain file
  put('ustar\u000000', 257)
  put(`${octal(head.reduce((sum, byte) => sum + byte, 0), 6)} `, 148)
  return head
}
