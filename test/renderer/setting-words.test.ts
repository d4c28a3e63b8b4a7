/** Every setting has its words in both languages and one page where it stands; what people type is read as what it is. */
import { describe, expect, test } from 'vitest'
import { SETTINGS } from '../../src/main/config.ts'
import { rangeInChinese, SETTING_WORDS } from '../../src/renderer/common/text/setting-words.ts'
import { pageOfSetting, SETTINGS_PAGES } from '../../src/renderer/console/settings/pages.ts'
import { asTyped, ofTyped, rangeOf } from '../../src/renderer/console/settings/typed.ts'

const KEYS = Object.keys(SETTINGS)

describe('the words of settings', () => {
  test('there is a row for each setting, and none for anything else', () => {
    expect(Object.keys(SETTING_WORDS)).toEqual(KEYS)
  })

  test('label and reason are said in Chinese, the label in English too', () => {
    for (const [key, { label, why }] of Object.entries(SETTING_WORDS)) {
      expect(why, key).toMatch(/\p{Script=Han}/u)
      expect(label.en, key).toMatch(/\p{L}/u)
      if (key !== 'sync.webhooks') expect(label.zh, key).toMatch(/\p{Script=Han}/u)
    }
    const labels = Object.values(SETTING_WORDS).map(w => w.label.en)
    expect(new Set(labels).size, 'no two settings are called the same').toBe(labels.length)
  })

  test('what may be typed is said in Chinese too', () => {
    for (const [key, { kind, range }] of Object.entries(SETTINGS)) if (kind !== 'choice') expect(rangeInChinese(range), key).toMatch(/\p{Script=Han}|^IPv4/u)
  })

  test('each stands on exactly one page', () => {
    for (const key of KEYS) expect(SETTINGS_PAGES, key).toContain(pageOfSetting(key))
    expect(pageOfSetting('no.such')).toBeNull()
  })
})

describe('what is typed', () => {
  test('comes back as it was, for every default', () => {
    for (const [key, s] of Object.entries(SETTINGS)) expect(ofTyped(s, asTyped(s, s.value)), key).toEqual(s.value)
  })

  test('is a line an entry; an object is JSON; what is neither is left for the station to refuse', () => {
    expect(ofTyped({ kind: 'list' }, ' 1.1.1.1 \n\n{"port":3,"lane":1}\n{broken')).toEqual(['1.1.1.1', { port: 3, lane: 1 }, '{broken'])
    expect(ofTyped({ kind: 'whole' }, '12x')).toBe('12x')
    expect(ofTyped({ kind: 'whole' }, '')).toBe('')
    expect(ofTyped({ kind: 'text' }, '  R1 ')).toBe('R1')
  })

  test('a field takes the range the table says', () => {
    expect(rangeOf('1 to 48')).toEqual({ min: 1, max: 48 })
    expect(rangeOf('0, or 30 to 3650')).toEqual({ min: 0, max: 3650 })
    expect(rangeOf('an IPv4 address')).toEqual({})
  })
})
