import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { assessPattern, compilePattern, quotePattern } from '../../src/main/domain/pattern.ts'
import { parseRecipe, valuesFor } from '../../src/main/domain/recipe.ts'

const uboot = readFileSync(resolve(import.meta.dirname, '../../resources/recipes/uboot-env.json'), 'utf8')

function complaintsOf(text: string): string {
  try {
    parseRecipe(text, 'x.json')
    return ''
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'recipe.invalid') throw thrown
    return String(thrown.context['complaints'])
  }
}
const changed = (from: string, to: string): string => {
  expect(uboot).toContain(from)
  return complaintsOf(uboot.replace(from, to))
}

describe('a recipe that is refused', () => {
  it.each<[string, string, string, RegExp]>([
    ['an unknown key', '"within": 60, "why": "Takes', '"within": 60, "repeat": 3, "why": "Takes', /^x\.json:23:\d+ repeat is not known here/],
    ['a jump backwards', '{ "run": "reset"', '{ "goto": 1, "run": "reset"', /^x\.json:24:7 goto is not known here/],
    ['a wait without an end', '"within": 30, "why": "The banner', '"why": "The banner', /^x\.json:27:5 verify\[0\]\.within is missing/],
    ['a wait of a day', '"within": 30, "why": "The banner', '"within": 86400, "why": "The banner', /:27:\d+ verify\[0\]\.within must be a number from 0\.1 to 600/],
    ['a pattern that has no end', '"^U-Boot 20', '"^U-Boot.*20', /:27:15 verify\[0\]\.wait uses \*, which has no end/],
    ['a step with two verbs', '{ "run": "reset", "expect"', '{ "run": "reset", "settle": 1, "expect"', /:24:5 steps\[4\] has more than one verb: run, settle/],
    ['a step without a verb', '{ "run": "reset", "expect": "resetting \\\\.\\\\.\\\\.", "leaves": true, ', '{ ', /:24:5 steps\[4\] has no verb/],
    ['a step without a reason', ', "why": "To ask once more"', '', /verify\[2\]\.why is missing/],
    ['erasing without saying so', '"danger": "erases-settings"', '"danger": "none"', /:23:5 erases, so the danger of the recipe is erases-settings/],
    ['a danger nothing stands for', ', "erases": true', '', /:1:1 the danger is erases-settings, but no step erases/],
    ['a value nobody declared', 'printenv {owner}', 'printenv {holder}', /:30:5 \{holder\} is not one of the values/],
    ['no restart to see', '"restart": true, ', '', /:27:5 verify must see the restart/],
    ['a comma too many', '"version": 1,', '"version": 1,,', /^x\.json:4:16 a key in double quotes must stand here$/],
    ['a key twice', '"version": 1,', '"version": 1, "version": 2,', /:4:17 version stands here twice/],
    ['a file that ends early', '"version": 1,', '"version": 1, "a": "', /^x\.json:4:2\d this text is not closed/],
    ['a speed that is none', '"baud": 115200', '"baud": 115201', /:9:11 baud must be 9600 or /]
  ])('because of %s, with line and column', (_what, from, to, complaint) => {
    expect(changed(from, to)).toMatch(complaint)
  })

  it('gets all its complaints at once, in the order of its lines', () => {
    const text = uboot.replace('"version": 1', '"version": 0').replace('"within": 60', '"within": "long"').replace('"baud": 115200', '"baud": 1')
    expect(complaintsOf(text).split('\n').map(line => line.split(':')[1])).toEqual(['4', '9', '23'])
  })

  it('when its waits come to more than half an hour', () => {
    const long = uboot.replaceAll('"within": 60,', '"within": 600,').replaceAll('"within": 40', '"within": 600')
    expect(complaintsOf(long)).toMatch(/could wait \d\d minutes in all; 30 at most/)
  })

  it('a text that is no JSON at all, empty, huge or deep, is a complaint and not a crash', () => {
    for (const text of ['', 'null', '[]', '[1', '{', '\u0000', '"x"', '{"a":1}x', '['.repeat(100), 'x'.repeat(70_000)]) expect(complaintsOf(text)).toMatch(/^x\.json:\d+:\d+ /)
    for (let i = 0; i < uboot.length; i += 7) expect(complaintsOf(uboot.slice(0, i))).not.toBe('')
  })
})

describe('values', () => {
  const recipe = parseRecipe(uboot, 'uboot-env.json')
  const complaints = (given: Readonly<Record<string, string>>): string => {
    try { valuesFor(recipe, given, new Set()); return '' } catch (thrown) { return thrown instanceof Fault ? String(thrown.context['complaints']) : '' }
  }

  it('are the defaults, unless given', () => {
    expect(valuesFor(recipe, { owner: 'user' }, new Set())).toEqual({ start: '0x04000000', length: '0x40000', owner: 'user' })
  })

  it('cannot smuggle a second command into a line', () => {
    expect(complaints({ owner: 'a; erase all' })).toMatch(/^owner: a; erase all is not /)
    expect(complaints({ owner: 'a\rreset' })).toBe('owner: only plain characters of one line')
    expect(complaints({ other: 'x' })).toBe('other: uboot-env has no such value')
  })

  it('a secret that nobody gave is named', () => {
    const login = parseRecipe(readFileSync(resolve(import.meta.dirname, '../../resources/recipes/linux-login.json'), 'utf8'), 'x')
    expect(() => valuesFor(login, {}, new Set())).toThrow(expect.objectContaining({ code: 'recipe.invalid', context: { file: 'linux-login', complaints: 'password: this secret is missing' } }))
  })
})

describe('patterns', () => {
  it.each(['=> $', '^[^\\n]{0,60}[#$] ', 'Erased \\d{1,3} sectors', '(?:a|b){1,3}c', 'a{5}', '\\x1b?x', '[*+]'])('%s has a longest match', text => {
    expect(assessPattern(text)).toBeNull()
    expect(() => compilePattern(text)).not.toThrow()
  })
  it.each(['a*', 'a+b', '.*', 'a{2,}', '(a{1,9}){1,9}', '(?=x)x', '(?<n>x)', '(a)\\1', '(', ')', '[', 'a{300}', '', 'a?', '(?:|a)', '\\p', 'x'.repeat(201), '(?:xxxxxxxxxx){90}'])('%s is refused', text => {
    expect(assessPattern(text)).not.toBeNull()
  })
  it('a quoted text matches itself', () => {
    const text = 'a.b*c+(d)[e]{f}^$|?\\/'
    expect(new RegExp(`^${quotePattern(text)}$`).test(text)).toBe(true)
  })
})
