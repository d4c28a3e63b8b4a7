/**
 * The patterns a recipe may use: a small part of regular expressions in which every match has a known greatest length and
 * matching cannot run away. No `*`, no `+`, no `{n,}`, no back references, no look-around, no repeat of a repeat.
 */
export const PATTERN_CHARS_MAX = 200
/** Longest text a pattern may match; how far the console looks back when more arrives. */
export const MATCH_CHARS_MAX = 512
const REPEAT_MAX = 200

/** Why this is not a pattern for a recipe; null: it is. */
export function assessPattern(text: string): string | null {
  if (text === '') return 'is empty'
  if (text.length > PATTERN_CHARS_MAX) return `has more than ${PATTERN_CHARS_MAX} characters`
  try {
    const longest = new Walk(text).whole()
    if (longest > MATCH_CHARS_MAX) return `could match ${longest} characters; ${MATCH_CHARS_MAX} at most`
    if (new RegExp(text, 'm').test('')) return 'matches nothing at all'
    return null
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

/** Only after `assessPattern` said null. `g` so that a search can begin anywhere. */
export function compilePattern(text: string): RegExp {
  return new RegExp(text, 'gm')
}

/** A text as a pattern that matches just it. */
export function quotePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}

interface Piece { readonly longest: number; readonly repeats: boolean }

class Walk {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): number {
    const { longest } = this.#choice()
    if (this.#at < this.#text.length) throw new Error('has a closing bracket too many')
    return longest
  }

  #choice(): Piece {
    let best = this.#row()
    while (this.#text[this.#at] === '|') {
      this.#at += 1
      const other = this.#row()
      best = { longest: Math.max(best.longest, other.longest), repeats: best.repeats || other.repeats }
    }
    return best
  }

  #row(): Piece {
    let longest = 0
    let repeats = false
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      const piece = this.#repeated(this.#atom())
      longest += piece.longest
      repeats ||= piece.repeats
    }
    return { longest, repeats }
  }

  #atom(): Piece {
    const c = this.#text[this.#at] ?? ''
    this.#at += 1
    const one = { longest: 1, repeats: false }
    switch (c) {
      case '^': case '$': return { longest: 0, repeats: false }
      case '*': case '+': throw new Error(`uses ${c}, which has no end; say {0,80} or the like`)
      case '?': case '{': throw new Error(`has a ${c} with nothing before it`)
      case '[': return this.#set()
      case '\\': return this.#escape()
      case '(': {
        if (this.#text[this.#at] === '?') {
          if (this.#text[this.#at + 1] !== ':') throw new Error('uses look-around or a named group')
          this.#at += 2
        }
        const inside = this.#choice()
        if (this.#text[this.#at] !== ')') throw new Error('has an open bracket that is not closed')
        this.#at += 1
        return inside
      }
      default: return one
    }
  }

  #set(): Piece {
    const end = /(?:\\.|[^\]\\])*\]/y
    end.lastIndex = this.#at
    const found = end.exec(this.#text)?.[0]
    if (found === undefined) throw new Error('has a [ that is not closed')
    this.#at += found.length
    return { longest: 1, repeats: false }
  }

  #escape(): Piece {
    const c = this.#text[this.#at] ?? ''
    this.#at += c === 'x' ? 3 : 1
    if (/[1-9kpPuc]/.test(c) || c === '') throw new Error(`uses \\${c}, which is not allowed`)
    return { longest: c === 'b' || c === 'B' ? 0 : 1, repeats: false }
  }

  #repeated(piece: Piece): Piece {
    const c = this.#text[this.#at]
    if (c === '*' || c === '+') throw new Error(`uses ${c}, which has no end; say {0,80} or the like`)
    if (c === '?') {
      this.#at += 1
      return { longest: piece.longest, repeats: piece.repeats }
    }
    if (c !== '{') return piece
    const [whole, low, comma, high] = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(this.#text.slice(this.#at)) ?? []
    if (whole === undefined) throw new Error('has a { that is no repeat')
    if (comma === ',' && high === '') throw new Error(`uses ${whole}, which has no end`)
    const most = Number(high === '' ? low : high)
    if (most > REPEAT_MAX) throw new Error(`repeats more than ${REPEAT_MAX} times`)
    if (piece.repeats) throw new Error('repeats a repeat')
    this.#at += whole.length
    return { longest: piece.longest * most, repeats: true }
  }
}
