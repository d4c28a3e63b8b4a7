/** JSON that remembers where everything stands, so that a complaint about a hand-written file can name line and column. */

export interface JsonNode {
  readonly line: number
  readonly column: number
  readonly value: string | number | boolean | null | readonly JsonNode[] | ReadonlyMap<string, JsonMember>
}
export interface JsonMember { readonly key: JsonNode; readonly node: JsonNode }
export interface JsonComplaint { readonly line: number; readonly column: number; readonly text: string }

const DEPTH_MAX = 16

export class JsonTextError extends Error {
  readonly complaint: JsonComplaint
  constructor(complaint: JsonComplaint) {
    super(`${complaint.line}:${complaint.column} ${complaint.text}`)
    this.complaint = complaint
  }
}

/** RFC 8259, and stricter in one place: a key may stand only once. Throws JsonTextError. */
export function parseJsonText(text: string): JsonNode {
  const reader = new Reader(text)
  const node = reader.value(0)
  reader.space()
  if (!reader.isAtEnd) reader.fail('nothing may follow the closing brace')
  return node
}

class Reader {
  readonly #text: string
  #at = 0
  #line = 1
  #lineStart = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean { return this.#at >= this.#text.length }

  fail(text: string): never {
    throw new JsonTextError({ line: this.#line, column: this.#at - this.#lineStart + 1, text })
  }

  space(): void {
    for (;;) {
      const c = this.#text[this.#at]
      if (c === '\n') {
        this.#line += 1
        this.#lineStart = this.#at + 1
      } else if (c !== ' ' && c !== '\t' && c !== '\r') return
      this.#at += 1
    }
  }

  value(depth: number): JsonNode {
    this.space()
    if (depth > DEPTH_MAX) this.fail(`nested deeper than ${DEPTH_MAX}`)
    const [line, column] = [this.#line, this.#at - this.#lineStart + 1]
    const c = this.#text[this.#at]
    if (c === '{') return { line, column, value: this.#object(depth) }
    if (c === '[') return { line, column, value: this.#array(depth) }
    if (c === '"') return { line, column, value: this.#string() }
    const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y
    word.lastIndex = this.#at
    const found = word.exec(this.#text)?.[0]
    if (found === undefined) this.fail(c === undefined ? 'the file ends here, in the middle' : 'a value must stand here')
    this.#at += found.length
    const value: unknown = JSON.parse(found)
    return { line, column, value: typeof value === 'boolean' || typeof value === 'number' ? value : null }
  }

  #object(depth: number): ReadonlyMap<string, JsonMember> {
    const members = new Map<string, JsonMember>()
    this.#at += 1
    this.space()
    if (this.#take('}')) return members
    for (;;) {
      this.space()
      const [line, column] = [this.#line, this.#at - this.#lineStart + 1]
      if (this.#text[this.#at] !== '"') this.fail('a key in double quotes must stand here')
      const name = this.#string()
      if (members.has(name)) throw new JsonTextError({ line, column, text: `${name} stands here twice` })
      this.space()
      if (!this.#take(':')) this.fail('a colon must stand here')
      members.set(name, { key: { line, column, value: name }, node: this.value(depth + 1) })
      this.space()
      if (this.#take('}')) return members
      if (!this.#take(',')) this.fail('a comma or a closing brace must stand here')
    }
  }

  #array(depth: number): readonly JsonNode[] {
    const items: JsonNode[] = []
    this.#at += 1
    this.space()
    if (this.#take(']')) return items
    for (;;) {
      items.push(this.value(depth + 1))
      this.space()
      if (this.#take(']')) return items
      if (!this.#take(',')) this.fail('a comma or a closing bracket must stand here')
    }
  }

  #string(): string {
    const whole = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
    whole.lastIndex = this.#at
    const found = whole.exec(this.#text)?.[0]
    if (found === undefined || Array.from(found).some(c => c < ' ')) this.fail('this text is not closed, or holds a character that must be escaped')
    this.#at += found.length
    return String(JSON.parse(found))
  }

  #take(c: string): boolean {
    if (this.#text[this.#at] !== c) return false
    this.#at += 1
    return true
  }
}
