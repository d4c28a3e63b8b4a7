/**
 * A unit that does anything: it knows what a real one has said (the recipe's golden transcript), and echoes and answers right,
 * wrong or not at all, and throws prompts, pieces of prompts, banners and failures about. It keeps its own count of what it has
 * said, and complains when a destructive line is entered without its prompt or its echo.
 */
import type { TranscriptLine } from '../../src/main/bench/transcript.ts'
import { isErasing, type Recipe, type RunStep } from '../../src/main/domain/recipe.ts'
import { dice } from './adapter.ts'
import type { Script, Unit } from './virtual-console.ts'

const NOISE = ['\r\n', ' ', '> ', '\u001b[6n', '\u001b[', '\b\b\b 1 ', '\u0000\u00fe\u0080', '[   1.0] net: lease\r\n', 'Unknown command\r\n', 'Failed (1)\r\n', '(Y)es , (N)o ? --> ', 'login: ', 'Password: ']
const PIECES_MAX = 400
const MARK = /ub""[a-z0-9]{6}/

export interface FuzzedUnit { readonly hear: Script; readonly complaints: readonly string[]; readonly erased: () => number; readonly start: (unit: Unit) => Promise<void> }

/** The line of a step as it may be typed: values as they are by default, any mark. */
function lineOf(recipe: Recipe, step: RunStep, values: Readonly<Record<string, string>>): RegExp {
  const filled = step.run.replaceAll(/\{([a-zA-Z0-9]+)\}/g, (whole, name: string) => name === 'mark' ? whole : values[name] ?? recipe.values?.[name]?.default ?? whole)
  return new RegExp(`${filled.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`).replace(String.raw`\{mark\}`, MARK.source)}$`)
}

/** What was heard from the start, after a key, and after each line that was sent. */
function repliesOf(golden: readonly TranscriptLine[]): { readonly start: string; readonly afterKey: string; readonly after: ReadonlyMap<string, readonly string[]> } {
  const after = new Map<string, string[]>()
  let [start, afterKey, sent] = ['', '', '']
  let listening: 'start' | 'key' | 'line' | 'echo' = 'start'
  let reply = ''
  const keep = (): void => {
    if (listening === 'line') after.set(unmarked(sent), [...after.get(unmarked(sent)) ?? [], reply])
    reply = ''
  }
  for (const { kind, text } of golden) {
    if (kind === '<') {
      if (listening === 'start') start += text
      else if (listening === 'key') afterKey += text
      else if (listening === 'line') reply += text
    } else if (kind === '~') listening = 'key'
    else if (kind === '>' || kind === '*') {
      keep()
      if (text === '\r') listening = 'line'
      else [sent, listening] = [kind === '*' ? '*' : text, 'echo']
    }
  }
  keep()
  return { start, afterKey, after }
}
const unmarked = (line: string): string => line.replace(MARK, 'MARK')

export function fuzzedUnit(seed: number, recipe: Recipe, golden: readonly TranscriptLine[], values: Readonly<Record<string, string>>): FuzzedUnit {
  const random = dice(seed)
  for (let i = 0; i < 8; i += 1) random()
  const honesty = random() // how often it echoes as it should
  const chatter = random() * 0.04
  const step = recipe.steps.find((s): s is RunStep => isErasing(s) && 'run' in s)
  if (!step) throw new Error(`${recipe.id} erases nothing`)
  const erasing = lineOf(recipe, step, values)
  const prompt = new RegExp(step.at ?? recipe.prompt?.pattern ?? '', 'm')
  const key = recipe.steps.flatMap(s => 'interrupt' in s ? [s.interrupt] : [])[0]
  const replies = repliesOf(golden)
  const heard = golden.filter(l => l.kind === '<').map(l => l.text)
  const sayings = [...NOISE, ...heard, ...heard.flatMap(text => [text.slice(Math.floor(text.length / 2)), text.slice(-12), text.slice(-12, -1)]), step.run].slice(0, PIECES_MAX)
  const any = (): string => sayings[Math.floor(random() * sayings.length)] ?? ''
  const usual = heard.map(text => new RegExp(recipe.prompt?.pattern ?? '$^', 'm').exec(readable(text))?.[0]).findLast(text => text !== undefined) ?? ''
  const complaints: string[] = []
  let said = ''
  let line = ''
  let sinceTyping = ''
  let erased = 0
  let isStopped = false
  const say = async (unit: Unit, text: string): Promise<void> => {
    said += text
    sinceTyping += text
    await unit.say(text)
  }
  const judge = (): void => {
    if (!erasing.test(line)) return
    erased += 1
    const typed = erasing.exec(line)?.[0] ?? ''
    if (!prompt.test(readable(said))) complaints.push(`entered without a prompt, after ${JSON.stringify(said.slice(-60))}`)
    if (line !== typed) complaints.push(`entered behind something else: ${JSON.stringify(line)}`)
    if (!readable(sinceTyping).replaceAll('\n', '').startsWith(typed)) complaints.push(`entered without its echo, after ${JSON.stringify(sinceTyping.slice(-60))}`)
  }
  /** As a real one would, most of the time. */
  const answer = (entered: string): string => {
    const known = replies.after.get(unmarked(entered)) ?? replies.after.get('*') ?? []
    const mark = MARK.exec(entered)?.[0].replace('""', '')
    const reply = known[Math.floor(random() * known.length)] ?? any()
    return random() < 0.8 ? mark === undefined ? reply : reply.replaceAll(/ub[a-z0-9]{6}/g, mark) : any()
  }
  const hear: Script = async (unit, byte) => {
    if (byte === '\r') {
      judge()
      const entered = line
      line = ''
      said = ''
      await say(unit, random() < 0.97 ? answer(entered) : '')
      return
    }
    if (byte === '\u0003') {
      line = ''
      said = ''
      await say(unit, random() < 0.8 ? `\r\n${usual}` : any())
      return
    }
    if (byte === key && line.trim() === '') {
      line = ''
      if (!isStopped && random() < 0.3) {
        isStopped = true
        return say(unit, replies.afterKey)
      }
      if (byte === '\u001b') return
    } else line += byte
    if (line.length === 1) sinceTyping = ''
    if (said.endsWith('Password: ') && random() < 0.95) return
    await say(unit, random() < 0.97 + honesty * 0.03 ? byte : random() < 0.5 ? '' : any())
    if (random() < chatter) await say(unit, any())
  }
  const start = async (unit: Unit): Promise<void> => {
    isStopped = false
    await say(unit, random() < 0.9 ? replies.start : any())
  }
  return { hear, complaints, erased: () => erased, start }
}

/** As on a screen: no escape sequences, no control characters, one kind of line end. */
function readable(text: string): string {
  const bare = text.split('\u001b[').map((piece, i) => i === 0 ? piece : piece.replace(/^[0-9;?]*[@-~]?/, '')).join('')
  return Array.from(bare.replaceAll(/\r+\n?/g, '\n')).filter(c => c === '\n' || (c >= ' ' && c !== '\u007f')).join('')
}
