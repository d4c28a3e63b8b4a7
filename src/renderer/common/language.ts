/** Which language this page speaks, and how it says words, numbers, times and ages. Switched in place, remembered by page. */
import { LANGUAGES, type Instant, type Language, type Words } from '#shared'
import { TEXT, type TextKey } from './text.ts'

type Values = Readonly<Record<string, string | number>>

export interface Speech {
  readonly language: Language
  readonly say: (key: TextKey, values?: Values) => string
  /** Of the words the catalogue brings along. */
  readonly words: (words: Words) => string
  readonly number: (n: number) => string
  readonly percent: (fraction: number) => string
  readonly clock: (at: Instant) => string
  /** 11:40 */
  readonly time: (at: Instant) => string
  /** The same, of minutes since midnight, wherever that is. */
  readonly timeOfDay: (minutes: number) => string
  readonly dateTime: (at: Instant) => string
  /** 7s, 3m 20s, 1h 5m: at most two units. */
  readonly age: (ms: number) => string
  /** 4:59 */
  readonly countdown: (ms: number) => string
}

const LOCALE = { en: 'en-GB', zh: 'zh-CN' } as const satisfies Words

function speak(language: Language): Speech {
  const locale = LOCALE[language]
  const unit = (name: string): Intl.NumberFormat => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'narrow', maximumFractionDigits: 0 })
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const twoDigits = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 })
  const plurals = new Intl.PluralRules(locale)
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const clocks = new Intl.DateTimeFormat(locale, time)
  const times = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const timesOfDay = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' })
  const dateTimes = new Intl.DateTimeFormat(locale, { month: '2-digit', day: '2-digit', ...time })
  const units = { second: unit('second'), minute: unit('minute'), hour: unit('hour'), day: unit('day') }
  const two = (s: number, big: 'minute' | 'hour' | 'day', small: 'second' | 'minute' | 'hour'): string =>
    `${units[big].format(Math.floor(s / SECONDS[big]))} ${units[small].format(Math.floor(s % SECONDS[big] / SECONDS[small]))}`
  return {
    language,
    say: (key, values) => values === undefined ? TEXT[key][language] : TEXT[key][language].replace(FIGURE, (whole, name: string, one: string | undefined, other: string | undefined) => {
      const value = values[name]
      if (value === undefined) return whole
      const said = typeof value === 'number' ? numbers.format(value) : value
      return other === undefined ? said : `${said} ${typeof value === 'number' && plurals.select(value) === 'one' ? one ?? '' : other}`
    }),
    words: words => words[language],
    number: n => numbers.format(n),
    percent: fraction => percents.format(fraction),
    clock: at => clocks.format(at),
    time: at => times.format(at),
    timeOfDay: minutes => timesOfDay.format(minutes * 60_000),
    dateTime: at => dateTimes.format(at),
    age: ms => {
      const s = Math.max(0, Math.floor(ms / 1000))
      if (s < SECONDS.minute) return units.second.format(s)
      if (s < SECONDS.hour) return two(s, 'minute', 'second')
      return s < SECONDS.day ? two(s, 'hour', 'minute') : two(s, 'day', 'hour')
    },
    countdown: ms => {
      const s = Math.max(0, Math.ceil(ms / 1000))
      return `${numbers.format(Math.floor(s / 60))}:${twoDigits.format(s % 60)}`
    }
  }
}

/** `{n}`, or with the noun it counts, in the forms the language has: `{n|wave|waves}`. */
const FIGURE = /\{(\w+)(?:\|([^|{}]+)\|([^|{}]+))?\}/g
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const
export const SPEECHES = { en: speak('en'), zh: speak('zh') } as const satisfies Record<Language, Speech>

export class LanguageChoice {
  #language: Language
  readonly #page: Window
  readonly #name: string
  readonly #fns = new Set<() => void>()

  /** Order: the address (`?lang=zh`), what was chosen on this page before, the browser's own language. */
  constructor(page: Window, pageName: string) {
    this.#page = page
    this.#name = `unbindery.language.${pageName}`
    const wishes = [new URLSearchParams(page.location.search).get('lang'), this.#remembered(), page.navigator.language.slice(0, 2)]
    this.#language = wishes.flatMap(wish => LANGUAGES.filter(l => l === wish))[0] ?? 'en'
    this.#mark()
  }

  readonly subscribe = (fn: () => void): (() => void) => {
    this.#fns.add(fn)
    return () => { this.#fns.delete(fn) }
  }

  readonly snapshot = (): Speech => SPEECHES[this.#language]

  choose(language: Language): void {
    this.#language = language
    try { this.#page.localStorage.setItem(this.#name, language) } catch { /* a page without storage forgets, that is all */ }
    this.#mark()
    for (const fn of this.#fns) fn()
  }

  #remembered(): string | null {
    try { return this.#page.localStorage.getItem(this.#name) } catch { return null }
  }

  #mark(): void {
    this.#page.document.documentElement.lang = LOCALE[this.#language]
  }
}
