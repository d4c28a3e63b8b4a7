/**
 * A unit that does anything: echoes right, wrong or not at all, throws prompts, pieces of prompts, banners and failures about.
 * It keeps its own count of what it has said, and complains when a destructive line is entered without its prompt or echo.
 */
import { dice } from './adapter.ts'
import type { Script, Unit } from './virtual-console.ts'

const SAYINGS = [
  '=> ', '\r\n=> ', '\r\n=>', ' ', '> ', '\r\n', 'Erased 2 sectors\r\n=> ', 'Un-Protected 2 sectors\r\n=> ', 'resetting ...\r\n', 'U-Boot 2023.01 (x)\r\n',
  'Unknown command\r\n=> ', 'bad CRC, using default environment\r\n', '## Error: "owner" not defined\r\n=> ', '\u001b[6n', '\u001b[', '\b\b\b 1 ', '\u0000\u00fe\u0080', 'login: ', '[   1.0] net: lease\r\n', 'erase 0x04000000 +0x40000'
]

export interface FuzzedUnit { readonly hear: Script; readonly complaints: readonly string[]; readonly erased: () => number }

export function fuzzedUnit(seed: number, erasing: string): FuzzedUnit {
  const random = dice(seed)
  for (let i = 0; i < 8; i += 1) random()
  const honesty = random() // how often it echoes as it should
  const chatter = random() * 0.2
  const complaints: string[] = []
  let said = ''
  let line = ''
  let sinceTyping = ''
  let erased = 0
  const say = async (unit: Unit, text: string): Promise<void> => {
    said += text
    sinceTyping += text
    await unit.say(text)
  }
  const any = (): string => SAYINGS[Math.floor(random() * SAYINGS.length)] ?? ''
  const hear: Script = async (unit, byte) => {
    if (byte === '\r') {
      if (line.endsWith(erasing)) {
        erased += 1
        const plain = sinceTyping.replaceAll('\r', '').replaceAll('\n', '').replaceAll('\u001b[6n', '')
        if (!/(^|\n)=> /.test(said.replaceAll('\r', ''))) complaints.push(`entered without a prompt, after ${JSON.stringify(said.slice(-60))}`)
        if (line !== erasing) complaints.push(`entered behind something else: ${JSON.stringify(line)}`)
        if (plain !== erasing) complaints.push(`entered without its echo, after ${JSON.stringify(plain.slice(-60))}`)
      }
      line = ''
      said = ''
      await say(unit, `\r\n${random() < 0.7 ? answerTo(random) : any()}`)
      return
    }
    if (byte === '\u0003') {
      line = ''
      said = ''
      await say(unit, random() < 0.8 ? '<INTERRUPT>\r\n=> ' : any())
      return
    }
    if (byte === ' ' && line.trim() === '') line = '' // the keys that stop the start
    else line += byte
    if (line.length === 1) sinceTyping = ''
    await say(unit, random() < 0.9 + honesty * 0.1 ? byte : random() < 0.5 ? '' : any())
    if (random() < chatter * 0.2) await say(unit, any())
  }
  return { hear, complaints, erased: () => erased }
}

function answerTo(random: () => number): string {
  const answers = ['=> ', 'Un-Protected 2 sectors\r\n=> ', 'Erased 2 sectors\r\n=> ', 'resetting ...\r\n', 'Failed (1)\r\n=> ', 'U-Boot 2023.01\r\nbad CRC, using default environment\r\n=> ']
  return answers[Math.floor(random() * answers.length)] ?? ''
}
