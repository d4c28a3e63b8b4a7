/** Every shipped recipe is played against its golden transcript, in virtual time; the schema beside them is the reader's own. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { millis } from '#shared'
import { Log, Secret } from '../../src/main/bench/log.ts'
import { openBook } from '../../src/main/bench/recipe-book.ts'
import type { LanePower, RecipeEnd } from '../../src/main/bench/recipe-runner.ts'
import { playRecipe } from '../../src/main/bench/recipe-session.ts'
import { parseTranscript, Transcript, type TranscriptLine } from '../../src/main/bench/transcript.ts'
import { needsConsole, parseRecipe, type Recipe } from '../../src/main/domain/recipe.ts'
import { recipeSchema } from '../../src/main/domain/recipe-shape.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { ReplayedConsole } from '../../src/main/virtual/console.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { scripted } from '../helpers/virtual-console.ts'

const RECIPES = resolve(import.meta.dirname, '../../resources/recipes')
const GOLDEN = resolve(import.meta.dirname, '../golden/recipes')
const log = new Log(() => undefined, () => 0)
const FOREVER = new AbortController().signal
const shipped = [...openBook(null).recipes.values()].map(e => e.recipe)

const SECRETS = new Map([['password', new Secret('returns-4711')]])
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = { 'rtl8196e-esc': { start: '20000' } }

async function replay(recipe: Recipe, lines: readonly TranscriptLine[]): Promise<{ end: RecipeEnd; transcript: Transcript; unit: ReplayedConsole }> {
  const clock = new VirtualClock()
  const serial = new VirtualSerial(clock)
  const unit = new ReplayedConsole(clock, lines)
  serial.plug({ path: 'unit', label: 'unit' }, pipe => { void unit.play(pipe, FOREVER).catch(() => undefined) })
  const nothing = async (): Promise<void> => undefined
  const power: LanePower | null = recipe.power === 'none' ? null : { on: nothing, off: nothing, cycle: nothing }
  const transcript = new Transcript(clock)
  const values = VALUES[recipe.id] ?? {}
  const secrets = recipe.values?.['password'] ? SECRETS : new Map<string, Secret<string>>()
  const end = await clock.run(playRecipe({ clock, serial, entropy: new SeededEntropy(5) }, log, recipe, {
    path: needsConsole(recipe) ? 'unit' : null, values, secrets, power, hands: () => undefined, untilFactory: nothing, transcript
  }, FOREVER))
  return { end, transcript, unit }
}

const golden = (id: string): TranscriptLine[] => parseTranscript(readFileSync(resolve(GOLDEN, `${id}.txt`), 'utf8'))
const notes = (lines: readonly TranscriptLine[]): string[] => lines.filter(l => l.kind === '#').map(l => l.text)

describe('a shipped recipe', () => {
  it('is in the book, and every file in the folder is one', () => {
    const files = readdirSync(RECIPES).filter(f => f !== 'recipe.schema.json').map(f => f.replace('.json', ''))
    expect(files.toSorted()).toEqual(shipped.map(r => r.id).toSorted())
  })

  it.each(shipped)('$id plays its golden transcript to the end and is verified', async recipe => {
    const lines = golden(recipe.id)
    const { end, transcript, unit } = await replay(recipe, lines)
    expect({ end, differs: unit.differs }, transcript.toString()).toMatchObject({ end: { verdict: 'verified', fault: null, hasErased: recipe.danger === 'erases-settings' }, differs: null })
    expect(unit.isOver).toBe(true)
    expect(notes(transcript.lines)).toEqual(notes(lines))
    expect(transcript.toString()).not.toContain('returns-4711')
  })

  it.each(shipped.filter(r => needsConsole(r)))('$id is never verified when the unit falls silent at any point of it', async recipe => {
    const lines = golden(recipe.id)
    const heard = lines.flatMap((l, i) => l.kind === '<' ? [i] : [])
    for (const i of heard) {
      const { end } = await replay(recipe, lines.slice(0, i))
      expect([i, end.verdict]).not.toEqual([i, 'verified'])
    }
  })

  it('that starts where the unit takes no keys ends as closed, which is a result and not a fault', async () => {
    const uboot = shipped.find(r => r.id === 'uboot-env')
    if (!uboot) throw new Error('no such recipe')
    const talks: TranscriptLine[] = [{ afterMs: 300, kind: '<', text: '\r\nDH-Boot 2.0\r\nsystem is starting\r\n' }]
    const { end } = await replay(uboot, talks)
    expect(end).toMatchObject({ verdict: 'closed', hasErased: false, fault: null, step: 'steps 2' })
    const silent = await replay(uboot, [])
    expect(silent.end).toMatchObject({ verdict: 'unproven', hasErased: false, fault: { code: 'console.silent' } })
  })

  it.each(shipped.filter(r => needsConsole(r)))('$id at the wrong speed ends with serial.garbage: it is no closed console', async recipe => {
    const clock = new VirtualClock()
    const serial = new VirtualSerial(clock)
    const { unit, attach } = scripted(clock, () => undefined)
    serial.plug({ path: 'unit', label: 'unit' }, attach)
    const nothing = async (): Promise<void> => undefined
    const gibberish = Uint8Array.from({ length: 400 }, (_, i) => [0x80, 0xf8, 0x00, 0x1c, 0x78, 0xe0, 0x3c, 0xfe][i % 8] ?? 0) // 115200 heard at 38400: runs of equal bits
    clock.after(millis(500), () => { void unit.say(gibberish) })
    const secrets = recipe.values?.['password'] ? SECRETS : new Map<string, Secret<string>>()
    const end = await clock.run(playRecipe({ clock, serial, entropy: new SeededEntropy(1) }, log, recipe, { path: 'unit', values: VALUES[recipe.id] ?? {}, secrets, power: { on: nothing, off: nothing, cycle: nothing }, hands: () => undefined, untilFactory: null }, FOREVER))
    expect(end).toMatchObject({ verdict: 'unproven', hasErased: false, fault: { code: 'serial.garbage' } })
  })

  it('on a line that always loses a letter gives up before Enter, with nothing erased', async () => {
    const uboot = shipped.find(r => r.id === 'uboot-env')
    if (!uboot) throw new Error('no such recipe')
    const clock = new VirtualClock()
    const serial = new VirtualSerial(clock)
    let entered = 0
    let isUp = false
    const { attach } = scripted(clock, async (unit, byte) => {
      if (byte === '\r') entered += 1
      const isFirst = !isUp
      isUp = true
      await unit.say(isFirst || byte === '\u0003' ? '\r\n=> ' : byte === 'o' ? '' : byte)
    })
    serial.plug({ path: 'unit', label: 'unit' }, attach)
    const nothing = async (): Promise<void> => undefined
    const end = await clock.run(playRecipe({ clock, serial, entropy: new SeededEntropy(1) }, log, uboot, { path: 'unit', values: {}, secrets: new Map(), power: { on: nothing, off: nothing, cycle: nothing }, hands: () => undefined, untilFactory: null }, FOREVER))
    expect(end).toMatchObject({ verdict: 'unproven', hasErased: false, fault: { code: 'console.echo-wrong' } })
    expect(entered).toBe(0)
  })

  it('that needs power and has none is not begun', async () => {
    const recipe = shipped.find(r => r.id === 'power-cycle')
    if (!recipe) throw new Error('no such recipe')
    const clock = new VirtualClock()
    const end = await clock.run(playRecipe({ clock, serial: new VirtualSerial(clock), entropy: new SeededEntropy(1) }, log, recipe, { path: null, values: {}, secrets: new Map(), power: null, hands: () => undefined, untilFactory: async () => undefined }, FOREVER))
    expect(end).toMatchObject({ verdict: 'unproven', fault: { code: 'power.untrusted' } })
  })
})

describe('the files beside the recipes', () => {
  it('recipe.schema.json is what the reader checks by', () => {
    expect(JSON.parse(readFileSync(resolve(RECIPES, 'recipe.schema.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(recipeSchema())))
  })

  it.each(shipped)('$id reads the same from its file', recipe => {
    const file = resolve(RECIPES, `${recipe.id}.json`)
    expect(parseRecipe(readFileSync(file, 'utf8'), file)).toEqual(recipe)
  })

  it('a recipe of the bench takes the place of a shipped one, and one with mistakes takes nobody down', () => {
    const own = JSON.stringify({ ...shipped[0], version: 2 })
    const files: Readonly<Record<string, string>> = { 'uboot-env.json': own, 'broken.json': '{ "id": "broken",', 'other.json': own, 'notes.txt': 'x' }
    const book = openBook({ list: () => Object.keys(files), read: path => new TextEncoder().encode(files[path.replace('recipes/', '')] ?? '') })
    expect(book.recipes.get('uboot-env')).toMatchObject({ isShipped: false, recipe: { version: 2 } })
    expect(book.recipes.size).toBe(shipped.length)
    expect(book.faults.map(f => [f.code, f.context['file']])).toEqual([['recipe.invalid', 'broken.json'], ['recipe.invalid', 'other.json']])
  })
})
