import { describe, expect, test } from 'vitest'
import { LanguageChoice } from '../../src/renderer/common/language.ts'

/** As much of a window as a choice of language needs. */
function windowOf(o: { search?: string; browser?: string; stored?: Record<string, string> }): { page: Window; stored: Record<string, string>; html: { lang: string } } {
  const stored = o.stored ?? {}
  const html = { lang: '' }
  const page = {
    location: { search: o.search ?? '' }, navigator: { language: o.browser ?? 'en-US' }, document: { documentElement: html },
    localStorage: { getItem: (key: string) => stored[key] ?? null, setItem: (key: string, value: string) => { stored[key] = value } }
  } as unknown as Window // only what is used
  return { page, stored, html }
}
const languageOf = (o: Parameters<typeof windowOf>[0]): string => new LanguageChoice(windowOf(o).page, 'console').snapshot().language

describe('the language of a page', () => {
  test('is what the address says, else what was chosen on this page, else the browser\'s, else English', () => {
    const stored = { 'unbindery.language.console': 'en' }
    expect(languageOf({ search: '?lang=zh', stored, browser: 'en' })).toBe('zh')
    expect(languageOf({ stored, browser: 'zh-CN' })).toBe('en')
    expect(languageOf({ browser: 'zh-CN' })).toBe('zh')
    expect(languageOf({ browser: 'de-DE' })).toBe('en')
    expect(languageOf({ search: '?lang=xx', browser: 'zh' })).toBe('zh')
  })

  test('is remembered for each page by itself and told to the browser', () => {
    const { page, stored, html } = windowOf({})
    const choice = new LanguageChoice(page, 'display')
    let told = 0
    choice.subscribe(() => { told += 1 })
    choice.choose('zh')
    expect({ stored, lang: html.lang, told }).toEqual({ stored: { 'unbindery.language.display': 'zh' }, lang: 'zh-CN', told: 1 })
  })

  test('works on a page without a store', () => {
    const { page } = windowOf({})
    Object.defineProperty(page, 'localStorage', { get: () => { throw new Error('denied') } })
    const choice = new LanguageChoice(page, 'console')
    choice.choose('zh')
    expect(choice.snapshot().language).toBe('zh')
  })

  test('counts nouns by the rules of its language', () => {
    const { say } = new LanguageChoice(windowOf({}).page, 'console').snapshot()
    expect([1, 2, 0, 1234].map(n => say('scan.stays', { n }))).toEqual(['Brought here 1 time.', 'Brought here 2 times.', 'Brought here 0 times.', 'Brought here 1,234 times.'])
    expect([1, 2].map(n => new LanguageChoice(windowOf({ browser: 'zh' }).page, 'console').snapshot().say('scan.stays', { n }))).toEqual(['来过 1 次。', '来过 2 次。'])
    expect(say('scan.stays')).toBe('Brought here {n|time|times}.') // a figure that was forgotten is seen
  })

  test('says ages with at most two units and figures with its own marks', () => {
    const speech = new LanguageChoice(windowOf({}).page, 'console').snapshot()
    expect([0, 59_999, 60_000, 3_599_000, 3_600_000, 90_000_000, -5].map(speech.age)).toEqual(['0s', '59s', '1m 0s', '59m 59s', '1h 0m', '1d 1h', '0s'])
    expect([0, 1, 59_000, 214_000].map(speech.countdown)).toEqual(['0:00', '0:01', '0:59', '3:34'])
    expect(speech.say('wave.of', { n: 1234, of: 2000 })).toBe('1,234 of 2,000')
  })
})
