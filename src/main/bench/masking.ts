/** Takes known secrets out of text that is handed to somebody: as they are, as JSON writes them, and as addresses do. */

const DOTS = '••••'
/** Shorter ones would mask half of the text and hide nothing. */
const CHARS_LEAST = 4

export function maskerOf(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap(s => s.length < CHARS_LEAST ? [] : [s, JSON.stringify(s).slice(1, -1), encodeURIComponent(s), Buffer.from(s).toString('base64'), Buffer.from(s).toString('hex')])
  const longestFirst = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  return text => longestFirst.reduce((masked, form) => masked.replaceAll(form, DOTS), text)
}

/** An address without name, password and question: any of them may be a secret. */
export function plainAddress(text: string): string {
  try {
    const { protocol, host, pathname, search } = new URL(text)
    return `${protocol}//${host}${pathname}${search === '' ? '' : `?${DOTS}`}`
  } catch {
    return text
  }
}
