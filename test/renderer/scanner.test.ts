import { describe, expect, test } from 'vitest'
import { characterOf, GAP_MS_MAX, ScanReader, SCAN_CHARS_MAX, SUFFIXLESS_GAP_MS_MAX, type Heard, type KeyPress } from '../../src/renderer/common/scanner.ts'

/** How a wedge scanner with a US layout types a text: shift held for upper case and upper marks. */
function keysOf(text: string, gapMs = 5): KeyPress[] {
  const codes = ['Space', 'Minus', 'Equal', 'BracketLeft', 'BracketRight', 'Backslash', 'Semicolon', 'Quote', 'Backquote', 'Comma', 'Period', 'Slash',
    ...Array.from({ length: 26 }, (_, i) => `Key${String.fromCharCode(65 + i)}`), ...Array.from({ length: 10 }, (_, i) => `Digit${i}`)]
  return Array.from(text).map((wanted, i) => {
    for (const code of codes) for (const shift of [false, true]) if (characterOf(code, shift) === wanted) return press(code, 1000 + i * gapMs, { shift })
    throw new Error(`no key writes ${wanted}`)
  })
}

const press = (code: string, atMs: number, change: Partial<KeyPress> = {}): KeyPress => ({ code, shift: false, alt: false, command: false, repeat: false, atMs, ...change })
function feed(keys: readonly KeyPress[], end: 'Enter' | 'Tab' | 'NumpadEnter' = 'Enter', endGapMs = 5): Heard | undefined {
  const reader = new ScanReader()
  return [...keys, press(end, (keys.at(-1)?.atMs ?? 1000) + endGapMs)].map(key => reader.press(key)).at(-1)
}

describe('the scanner', () => {
  test.each(['P01', 'OP:chen.li', 'CM:WAVE', 'TT:0042', 'MAC:68572D000007;SN:A-1;UUID:x_9', 'a!@#$%^&*()_+{}|:"<>?~`=[]\\;\',./ z'])('hears %s as it was printed', text => {
    expect(feed(keysOf(text))).toEqual({ kind: 'scan', text })
  })

  test.each(['Enter', 'Tab', 'NumpadEnter'] as const)('takes %s as the end of a scan', end => {
    expect(feed(keysOf('W-00412'), end)).toEqual({ kind: 'scan', text: 'W-00412' })
  })

  test('hears digits of the number pad', () => {
    expect(feed([press('KeyP', 1000, { shift: true }), press('Numpad1', 1005), press('Numpad7', 1010)])).toEqual({ kind: 'scan', text: 'P17' })
  })

  test('hears characters sent as Alt and a decimal number', () => {
    const reader = new ScanReader()
    let at = 1000
    for (const character of 'P17') {
      reader.press(press('AltLeft', at += 2, { alt: true }))
      for (const digit of `0${character.charCodeAt(0)}`) reader.press(press(`Numpad${digit}`, at += 2, { alt: true }))
      reader.release('AltLeft', at += 2)
    }
    expect(reader.press(press('Enter', at + 2))).toEqual({ kind: 'scan', text: 'P17' })
  })

  test('hears the separator of GS1, as Ctrl and ], or as Alt and its number', () => {
    const [before, after] = [keysOf(']C10109520123456788'), keysOf('2112345')]
    const later = (keys: readonly KeyPress[], byMs: number): KeyPress[] => keys.map(k => ({ ...k, atMs: k.atMs + byMs }))
    expect(feed([...before, press('ControlLeft', 1100, { command: true }), press('BracketRight', 1104, { command: true }), ...later(after, 110)])).toEqual({ kind: 'scan', text: ']C10109520123456788\u001d2112345' })
    const reader = new ScanReader()
    for (const key of keysOf('10A')) reader.press(key)
    for (const [i, digit] of Array.from('0029').entries()) reader.press(press(`Numpad${digit}`, 1012 + i * 3, { alt: true }))
    reader.release('AltLeft', 1025)
    for (const key of later(keysOf('21B'), 30)) reader.press(key)
    expect(reader.press(press('Enter', 1045))).toEqual({ kind: 'scan', text: '10A\u001d21B' })
    expect(feed([press('ControlLeft', 990, { command: true }), press('BracketRight', 994, { command: true })])).toEqual({ kind: 'person' }) // a chord by itself
  })

  test('without a suffix ends by silence, when it is surely no person', () => {
    const rested = (keys: readonly KeyPress[]): Heard => {
      const reader = new ScanReader()
      for (const key of keys) reader.press(key)
      return reader.rest()
    }
    for (const text of ['P01', 'CM:HOLD', 'OP:7', 'W-00412', 'MAC:68572D000007']) for (const gap of [5, 30, SUFFIXLESS_GAP_MS_MAX]) expect(rested(keysOf(text, gap)), `${text} at ${gap} ms`).toEqual({ kind: 'scan', text })
    for (const text of ['W-00412', 'P01']) expect(rested(keysOf(text, SUFFIXLESS_GAP_MS_MAX + 1))).toEqual({ kind: 'person' })
    for (const text of ['asdf', 'the', 'P1', 'OK']) expect(rested(keysOf(text, 10)), text).toEqual({ kind: 'person' })
    expect(rested([])).toEqual({ kind: 'person' })
  })

  test('a scan that was ended too early by silence is no second scan and presses nothing; from then on only its suffix ends one', () => {
    const reader = new ScanReader()
    const keys = keysOf('W-00412')
    for (const key of keys.slice(0, 6)) reader.press(key)
    expect(reader.rest()).toEqual({ kind: 'scan', text: 'W-0041' })
    expect([...keys.slice(6), press('Enter', 1035)].map(key => reader.press(key).kind)).toEqual(['burst', 'burst'])
    const next = keysOf('W-00413').map(k => ({ ...k, atMs: k.atMs + 5000 }))
    for (const key of next.slice(0, 6)) reader.press(key)
    expect(reader.rest().kind).toBe('person')
    expect([...next.slice(6), press('Enter', 6035)].map(key => reader.press(key)).at(-1)).toEqual({ kind: 'scan', text: 'W-00413' })
  })

  test('a scanner that has lost its suffix is heard again after three scans without one', () => {
    const reader = new ScanReader()
    for (const key of [...keysOf('W-00001'), press('Enter', 1035)]) reader.press(key)
    const heard = Array.from({ length: 6 }, (_, n) => {
      const keys = keysOf(`W-1000${n}`).map(k => ({ ...k, atMs: k.atMs + 2000 * (n + 1) }))
      const before = reader.isOver(keys[0]?.atMs ?? 0) ? reader.rest().kind : 'none'
      for (const key of keys) reader.press(key)
      return before
    })
    expect(heard).toEqual(['none', 'person', 'person', 'scan', 'scan', 'scan'])
  })

  test('goes by the physical key, so an input method and Caps Lock change nothing', () => {
    expect(characterOf('KeyA', false)).toBe('a')
    expect(characterOf('KeyA', true)).toBe('A')
    expect(characterOf('Semicolon', true)).toBe(':')
    expect(characterOf('Numpad4', true)).toBe('4')
    expect(characterOf('F5', false)).toBeNull()
  })

  test('bears the slowest gap a scanner may have, and not one millisecond more', () => {
    expect(feed(keysOf('W-00412', GAP_MS_MAX), 'Enter', GAP_MS_MAX)).toEqual({ kind: 'scan', text: 'W-00412' })
    expect(feed(keysOf('W-00412', GAP_MS_MAX + 1))).toEqual({ kind: 'person' })
    expect(feed(keysOf('W-00412'), 'Enter', GAP_MS_MAX + 1)).toEqual({ kind: 'person' })
  })

  test('leaves a person alone who types, holds a key or uses a chord', () => {
    expect(feed(keysOf('reason', 120), 'Enter', 200)).toEqual({ kind: 'person' })
    expect(feed(keysOf('OK'))).toEqual({ kind: 'person' })
    expect(feed(Array.from({ length: 30 }, (_, i) => press('KeyA', 1000 + i * 30, { repeat: i > 0 })))).toEqual({ kind: 'person' })
    expect(feed([press('KeyA', 1000), press('KeyC', 1005, { command: true }), press('KeyV', 1010, { command: true })])).toEqual({ kind: 'person' })
  })

  test('drops what a person typed just before, and hears the scan that follows', () => {
    expect(feed([press('KeyX', 0), press('KeyY', 300), ...keysOf('W-00412')])).toEqual({ kind: 'scan', text: 'W-00412' })
  })

  test('keeps of an endless scan just enough to tell that it is too long', () => {
    const heard = feed(keysOf('A'.repeat(5000), 1))
    expect(heard?.kind === 'scan' && heard.text.length).toBe(SCAN_CHARS_MAX + 1)
  })
})
