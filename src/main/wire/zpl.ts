/**
 * ZPL II, as much as a label needs: text, one QR code, lines; and the printer's answer to `~HS`. Source: ZPL II Programming
 * Guide of Zebra. Every field is written with `^FH`, so whatever a unit calls itself can neither end a field nor begin a command.
 */
import { dotsPerMm, type LabelSize, type Mark } from './label-face.ts'

export const TURNS = ['0', '90', '180', '270'] as const
export type Turn = (typeof TURNS)[number]
export interface ZplOptions extends LabelSize { readonly turn: Turn; readonly copies: number }

/** The bytes of one label. `turn` is clockwise; the sides of the label are those of the label as it is read. */
export function encodeZpl(marks: readonly Mark[], { widthMm, heightMm, dpi, turn, copies }: ZplOptions): Uint8Array {
  const isSideways = turn === '90' || turn === '270'
  const dots = (mm: number): number => Math.round(mm * dotsPerMm(dpi))
  const [width, height] = isSideways ? [heightMm, widthMm] : [widthMm, heightMm]
  const placed = isSideways ? marks.map(mark => turned(mark, heightMm)) : marks
  const fields = placed.map(mark => fieldOf(mark, isSideways ? 'R' : 'N', dots))
  const lines = ['^XA', '^CI28', '^LH0,0', `^PW${dots(width)}`, `^LL${dots(height)}`, turn === '180' || turn === '270' ? '^POI' : '^PON', ...fields, `^PQ${copies}`, '^XZ']
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

/** A quarter to the right: what was the left side is now the top. */
function turned(mark: Mark, heightMm: number): Mark {
  const tall = mark.kind === 'ring' || mark.kind === 'qr' ? mark.size : mark.height
  const place = { x: heightMm - mark.y - tall, y: mark.x }
  if (mark.kind === 'ring' || mark.kind === 'qr' || mark.kind === 'text') return { ...mark, ...place }
  const turnedBox = { ...place, width: mark.height, height: mark.width }
  return mark.kind === 'slash' ? { ...mark, ...turnedBox, leans: mark.leans === 'left' ? 'right' : 'left' } : { ...mark, ...turnedBox }
}

function fieldOf(mark: Mark, orientation: 'N' | 'R', dots: (mm: number) => number): string {
  const at = `^FO${dots(mark.x)},${dots(mark.y)}`
  const line = (mm: number): number => Math.max(1, dots(mm))
  switch (mark.kind) {
    case 'text': return `${at}${mark.isWhite === true ? '^FR' : ''}^A0${orientation},${dots(mark.height)},${dots(mark.height)}^FH^FD${escapeField(mark.text)}^FS`
    case 'qr': return `${at}^BQN,2,${mark.dots}^FH^FDMA,${escapeField(mark.text)}^FS`
    case 'ring': return `${at}^GC${dots(mark.size)},${line(mark.line)},B^FS`
    case 'box': return `${at}^GB${dots(mark.width)},${dots(mark.height)},${line(mark.line)},B,0^FS`
    case 'slash': return `${at}^GD${dots(mark.width)},${dots(mark.height)},${line(mark.line)},B,${mark.leans === 'right' ? 'R' : 'L'}^FS`
    default: return mark satisfies never
  }
}

/** Letters, digits and what cannot mean anything to the printer; every other byte of the UTF-8 text as `_xx`. */
export function escapeField(text: string): string {
  const plain = /[A-Za-z0-9 .,:;/()+-]/
  return Array.from(new TextEncoder().encode(text), byte => plain.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `_${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

/** Each string of an answer stands between these two. */
const [STX, ETX] = ['\u0002', '\u0003']
export const ASK_STATUS = new TextEncoder().encode('~HS\n')
/** Three strings, about 90 bytes; more is not a status. */
export const STATUS_BYTES_MAX = 1024

export interface HostStatus { readonly isPaperOut: boolean; readonly isPaused: boolean; readonly isHeadOpen: boolean; readonly isRibbonOut: boolean; readonly isFull: boolean; readonly isHot: boolean; readonly waiting: number }

/** null: not whole yet, or not a status. Strings 1 and 2 of the answer. */
export function parseHostStatus(bytes: Uint8Array): HostStatus | null {
  const said = new TextDecoder('latin1').decode(bytes.slice(0, STATUS_BYTES_MAX))
  const strings = said.split(STX).slice(1).filter(string => string.includes(ETX)).map(string => string.slice(0, string.indexOf(ETX)).split(','))
  const [first, second] = strings
  if (!first || !second || first.length < 12 || second.length < 9 || ![...first, ...second].every(field => /^\d{1,12}$/.test(field))) return null
  const isSet = (fields: readonly string[], n: number): boolean => fields[n] === '1'
  return {
    isPaperOut: isSet(first, 1), isPaused: isSet(first, 2), isFull: isSet(first, 5), isHot: isSet(first, 11),
    isHeadOpen: isSet(second, 2), isRibbonOut: isSet(second, 3), waiting: Number(first[4]) + Number(second[8])
  }
}
