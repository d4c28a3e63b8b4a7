/** Settings as people type them: a list has a line for each entry, which is a text, or an object as JSON. */
import type { SettingView, SettingValue } from '#shared'

export function asTyped({ kind }: Pick<SettingView, 'kind'>, value: SettingValue): string {
  if (kind !== 'list' || typeof value !== 'object') return String(value)
  return value.map(entry => typeof entry === 'string' ? entry : JSON.stringify(entry)).join('\n')
}

/** What is no number or no JSON stays a text, which the station refuses in words. */
export function ofTyped({ kind }: Pick<SettingView, 'kind'>, text: string): string | number | unknown[] {
  if (kind === 'whole') return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text
  if (kind !== 'list') return text.trim()
  return text.split('\n').map(line => line.trim()).filter(line => line !== '').map((line): unknown => {
    if (!line.startsWith('{')) return line
    try { return JSON.parse(line) as unknown } catch { return line }
  })
}

/** '1 to 48', where it says so. */
export function rangeOf(range: string): { readonly min?: number; readonly max?: number } {
  const found = /(?:^|or )(\d+) to (\d+)$/.exec(range)
  return found === null ? {} : { min: range.startsWith('0,') ? 0 : Number(found[1]), max: Number(found[2]) }
}
