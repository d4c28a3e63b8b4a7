/**
 * xterm under a policy that forbids inline styles: it writes its measures and its palette into `<style>`, which the page may
 * not have. Here such an element is a stand-in whose text goes into a sheet the page adopts, which it may; and colours outside
 * the palette, which would become `style` attributes, are left out. Nothing is loosened.
 */
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { GAP_MS_MAX } from '../common/scanner.ts'

const ROWS = 24
const COLUMNS = 80
const SCROLLBACK_LINES = 2000
/** Of the page's own letters, which follow the window. */
const FONT_REM = 0.94
const SPARE_MS = 60

/** Draws into `place` until disposed of. `onKeys`: what a person typed or pasted. `onLeave`: the keys go back to the page. */
export function openScreen(place: HTMLElement, onKeys: (text: string) => void, onLeave: () => void): { readonly write: (bytes: Uint8Array) => void; readonly clear: () => void; readonly focus: () => void } & Disposable {
  const sheets: CSSStyleSheet[] = []
  const fontSize = Math.round(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * FONT_REM)
  const terminal = new Terminal({ rows: ROWS, cols: COLUMNS, scrollback: SCROLLBACK_LINES, fontSize, documentOverride: withoutStyles(document, sheets), screenReaderMode: true, theme: { background: '#0e1214', foreground: '#e8ecea' } })
  // Its viewport asks the page's own document, once, while it opens.
  Object.defineProperty(document, 'createElement', { configurable: true, value: makerOf(document, sheets) })
  try {
    terminal.open(place)
  } finally {
    Reflect.deleteProperty(document, 'createElement') // the prototype's own again
  }
  terminal.parser.registerCsiHandler({ final: 'm' }, params => params.flat().some((p, i, all) => (p === 38 || p === 48) && all[i + 1] === 2)) // ECMA-48 SGR 38;2 and 48;2: any colour at all
  const held = new HeldKeys(onKeys)
  const keys = terminal.onData(text => held.put(text))
  terminal.textarea?.addEventListener('blur', () => held.drop())
  terminal.attachCustomKeyEventHandler(event => {
    if (event.key !== 'Escape' || !event.shiftKey) return true
    if (event.type === 'keydown') onLeave()
    return false
  })
  return {
    write: bytes => terminal.write(bytes),
    clear: () => terminal.reset(),
    focus: () => terminal.focus(),
    [Symbol.dispose]: () => {
      keys.dispose()
      held.drop()
      terminal.dispose()
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => !sheets.includes(sheet))
    }
  }
}

/**
 * A scan that comes while a terminal has the keys is taken back by the scan reader at its fourth letter, by taking the focus
 * away; until it is known not to be one, nothing of it may have left. Enter and other keys that write nothing do not wait.
 */
class HeldKeys {
  readonly #send: (text: string) => void
  #text = ''
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(send: (text: string) => void) {
    this.#send = send
  }

  put(text: string): void {
    this.#text += text
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (text.length > 1 || text < ' ' || text === '\x7f') this.#flush()
    else this.#timer = setTimeout(() => this.#flush(), GAP_MS_MAX + SPARE_MS)
  }

  drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#text = ''
  }

  #flush(): void {
    const text = this.#text
    this.drop()
    if (text !== '') this.#send(text)
  }
}

/** The page's document, but for the making of elements. */
function withoutStyles(page: Document, sheets: CSSStyleSheet[]): Document {
  return new Proxy(page, {
    get: (target, name) => {
      if (name === 'createElement') return makerOf(target, sheets)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) as unknown : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target)
  })
}

function makerOf(page: Document, sheets: CSSStyleSheet[]): (tag: string) => HTMLElement {
  const make = (tag: string): HTMLElement => Document.prototype.createElement.call(page, tag)
  return tag => tag === 'style' ? standIn(page, make('span'), sheets) : make(tag)
}

function standIn(page: Document, element: HTMLElement, sheets: CSSStyleSheet[]): HTMLElement {
  const sheet = new CSSStyleSheet()
  sheets.push(sheet)
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet]
  element.hidden = true
  Object.defineProperty(element, 'textContent', { get: () => '', set: (text: string) => { sheet.replaceSync(text) } })
  return element
}
