import { describe, expect, test } from 'vitest'
import type { ScanAnswer } from '#shared'
import type { StationDoor } from '../../src/renderer/common/bridge.ts'
import { SCAN_CHARS_MAX } from '../../src/renderer/common/scanner.ts'
import { Scans } from '../../src/renderer/console/scans.ts'

const NEW: ScanAnswer = { heard: 'unit', unit: null, note: 'new' }

/** What is asked of the station and what is told to the page, in their order; the test gives the answers. */
function page(): { readonly scans: Scans; readonly seen: string[]; readonly answers: PromiseWithResolvers<ScanAnswer>[] } {
  const seen: string[] = []
  const answers: PromiseWithResolvers<ScanAnswer>[] = []
  const ask = (_name: string, { text }: { readonly text: string }): Promise<ScanAnswer> => {
    seen.push(`asked ${text}`)
    const answer = Promise.withResolvers<ScanAnswer>()
    answers.push(answer)
    return answer.promise
  }
  const scans = new Scans({ ask } as unknown as StationDoor) // only what scans use
  scans.subscribe(() => {
    const note = scans.snapshot()
    seen.push(`${note?.text.slice(0, 10) ?? 'nothing'}: ${note?.fault?.code ?? note?.answer?.note ?? 'sent'}`)
  })
  return { scans, seen, answers }
}

describe('the scans of a page', () => {
  test('a scan is with the station before anything of it is drawn', async () => {
    const { scans, seen, answers } = page()
    scans.send('W-00417')
    answers[0]?.resolve(NEW)
    await answers[0]?.promise
    expect(seen).toEqual(['asked W-00417', 'W-00417: sent', 'W-00417: new'])
  })

  test('the newest scan wins: a late answer to the one before says nothing', async () => {
    const { scans, seen, answers } = page()
    scans.send('W-00417')
    scans.send('CM:DANCE')
    answers[0]?.resolve(NEW)
    answers[1]?.reject({ code: 'scan.unknown-command', context: {} })
    await Promise.allSettled(answers.map(a => a.promise))
    await Promise.resolve()
    expect(seen).toEqual(['asked W-00417', 'W-00417: sent', 'asked CM:DANCE', 'CM:DANCE: sent', 'CM:DANCE: scan.unknown-command'])
  })

  test('what no scanner can have read is refused by the page', () => {
    const { scans, seen } = page()
    scans.send('x'.repeat(SCAN_CHARS_MAX + 1))
    expect(seen).toEqual(['xxxxxxxxxx: scan.unreadable'])
  })
})
