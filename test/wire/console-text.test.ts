/** Golden texts are those heard from U-Boot and busybox (facts/devices-and-consoles.md 5). */
import { describe, expect, it } from 'vitest'
import { bytesOf, compareEcho, ConsoleText, markOf, visible } from '../../src/main/wire/console-text.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, c => c.charCodeAt(0))
const clean = (text: string): string => new ConsoleText().push(bytes(text))

describe('what a console says', () => {
  it.each<[string, string, string]>([
    ['U-Boot counts down with backspaces', 'Hit any key to stop autoboot:  2 \b\b\b 1 \b\b\b 0 \r\n=> ', 'Hit any key to stop autoboot:  2  1  0 \n=> '],
    ['busybox asks where the cursor is', '~ # \u001b[6n', '~ # '],
    ['login ends its lines with CR CR LF', "login[92]: root login on 'ttyS0'\r\r\n", "login[92]: root login on 'ttyS0'\n"],
    ['colours and titles', '\u001b[1;32mroot\u001b[0m\u001b]0;title\u0007# ', 'root# '],
    ['a lone CR begins a line anew', 'one\rtwo', 'one\ntwo'],
    ['CR LF doubled is two lines', 'a\r\n\r\nb', 'a\n\nb'],
    ['a bell and a null', 'a\u0007\u0000b', 'ab'],
    ['a sequence torn by a line end', '\u001b[1\r\n=> ', '\n\n=> ']
  ])('%s', (_what, said, read) => {
    expect(clean(said)).toBe(read)
  })

  it('reads the same wherever it is cut', () => {
    const said = bytes('\r\nHit any key: 2 \b\b\b 0\r\n\u001b[1;31mub\u001b[0m login: \r\r\n~ # \u001b[6nx\u001b]0;t\u001b\\y\r')
    const whole = new ConsoleText().push(said)
    for (let i = 0; i <= said.length; i += 1) {
      const text = new ConsoleText()
      expect(text.push(said.subarray(0, i)) + text.push(said.subarray(i))).toBe(whole)
    }
    const text = new ConsoleText()
    expect(Array.from(said, b => text.push(Uint8Array.of(b))).join('')).toBe(whole)
  })

  it('an escape sequence that never ends does not swallow the rest', () => {
    expect(clean(`\u001b[${'1'.repeat(100)}=> `)).toContain('=> ')
    expect(clean(`\u001b]${'x'.repeat(100)}\n=> `)).toContain('=> ')
  })

  it('a wrong speed shows in its strange bytes, good manners do not', () => {
    const good = new ConsoleText()
    good.push(bytes('U-Boot 2023.01\r\n\t2 \b\b\b 1 \u001b[6n\u0007'))
    expect(good.strange).toBe(0)
    const bad = new ConsoleText()
    bad.push(Uint8Array.from({ length: 100 }, (_, i) => [0xfe, 0x00, 0x80, 0x1e, 0xf8][i % 5] ?? 0))
    expect(bad.strange / bad.bytes).toBeGreaterThan(0.9)
  })
})

describe('an echo', () => {
  const line = 'erase 0x04000000 +0x40000'
  it.each<[string, string, string]>([
    ['whole', line, line],
    ['growing', line, 'erase 0x0'],
    ['wrong: one letter changed', line, 'erase 0x0400'.replace('4', '5')],
    ['wrong: one letter lost', line, 'eras 0x04'],
    ['wrong: more than was typed', line, `${line}0`],
    ['whole, broken at column 80 with a line end', 'x'.repeat(90), `${'x'.repeat(80)}\n${'x'.repeat(10)}`],
    ['whole, broken with a space and a line end', 'x'.repeat(90), `${'x'.repeat(80)} \n${'x'.repeat(10)}`],
    ['wrong: a message in between', line, 'erase [net] lease']
  ])('%s', (verdict, typed, heard) => {
    expect(compareEcho(typed, heard)).toBe(verdict.split(':')[0]?.split(',')[0])
  })
})

it('a mark is typed otherwise than it is printed, so its echo never counts', () => {
  const mark = markOf(Uint8Array.of(1, 2, 3, 4, 5, 6))
  expect(mark.typed).not.toContain(mark.printed)
  expect(mark.typed.replace('""', '')).toBe(mark.printed)
  expect(bytesOf(mark.typed)).toHaveLength(10)
})

it('control characters are shown, not obeyed', () => {
  expect(visible('a\u001b[2J\nb')).toBe('a\\x1b[2J\\nb')
})
