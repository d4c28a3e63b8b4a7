/** CSV (RFC 4180) that a spreadsheet shows and never runs: a cell that begins like a formula gets an apostrophe before it. */

/** Signs with which a spreadsheet begins a formula, in half and full width; tab and line ends can hide one (OWASP, CSV injection). */
const BEGINS_FORMULA = /^[\s\p{Cf}]*[=+\-@\t\r\n＝＋－＠|%]/u
const NEEDS_QUOTES = /[",\r\n]/

/** So that a spreadsheet reads UTF-8. */
export const CSV_MARK = '\ufeff'

export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = value.replaceAll('\0', '')
  const safe = BEGINS_FORMULA.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
