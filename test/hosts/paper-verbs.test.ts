/** `unbindery cards`, `picklist`, `handover`, `label`, `printer` and `certificate --pdf` from a terminal: on a ledger no station runs on, and at a station. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attachmentsOf } from '../../src/main/bench/paper/attachment.ts'
import { serveLocal } from '../../src/main/hosts/local.ts'
import { answerPaperWords } from '../../src/main/paper-verbs.ts'
import { answerRecordWords } from '../../src/main/record-verbs.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { LedgerBench, mac, makeFolder } from '../helpers/ledger.ts'
import { openBench } from '../helpers/station.ts'
import { printedBy, type Printed } from '../helpers/printed.ts'

const run = (...words: readonly string[]): Promise<Printed> => printedBy(() => (words[0] === 'certificate' ? answerRecordWords : answerPaperWords)(words, 'USAGE'))
const isPdf = (path: string): boolean => readFileSync(path).subarray(0, 5).toString() === '%PDF-'

describe('papers from a terminal', () => {
  it('need no station where the ledger says it all; labels and the printer do', async () => {
    using folder = makeFolder()
    mkdirSync(join(folder.path, 'live'))
    using bench = new LedgerBench(join(folder.path, 'live', 'ledger.db'))
    bench.meet('u1', { aliases: [mac(1)] })
    const to = (name: string): string[] => ['--data', folder.path, '--out', join(folder.path, name)]
    for (const words of [['picklist'], ['handover'], ['cards', '--what', 'ports'], ['cards', '--what', 'badges', '--names', '1001, 1002']]) {
      expect(await run(...words, ...to('paper.pdf'))).toEqual({ code: 0, out: `${join(folder.path, 'paper.pdf')}\n`, err: '' })
      expect(isPdf(join(folder.path, 'paper.pdf'))).toBe(true)
    }
    for (const words of [['label', 'u1'], ['printer'], ['printer', 'test']]) expect(await run(...words, '--data', folder.path)).toMatchObject({ code: 1, err: expect.stringContaining('No station is running here') as string })
    for (const words of [['cards'], ['cards', '--what', 'none'], ['picklist', 'x'], ['label'], ['printer', 'burn'], ['handover', '--wrong']]) expect((await run(...words, '--data', folder.path)).code, words.join(' ')).toBe(2)
    expect(await run('cards', '--what', 'totes', '--data', folder.path)).toMatchObject({ code: 1 })
  })

  it('come from a running station, a proven unit`s certificate and label among them', async () => {
    using folder = makeFolder()
    await using bench = await openBench({ seed: 7, units: 1 })
    await bench.run(new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) }).run(new AbortController().signal))
    await using _served = await serveLocal(bench.station.gate, folder.path)
    const at = ['--data', folder.path]
    const file = join(folder.path, 'certificate.pdf')
    expect(await run('certificate', 'RB-0001', '--pdf', '--out', file, ...at)).toMatchObject({ code: 0 })
    expect(attachmentsOf(readFileSync(file))).toHaveLength(1)
    expect(await run('label', 'RB-0001', '--out', join(folder.path, 'label.pdf'), ...at)).toMatchObject({ code: 0 })
    expect(await run('label', 'RB-0001', ...at)).toMatchObject({ code: 1, err: expect.stringContaining('No label printer is set') as string })
    expect(await run('label', 'RB-0001', '--void', '--reason', 'torn', ...at)).toMatchObject({ code: 0, out: 'RB-0001: no label\n' })
    expect(await run('printer', ...at)).toMatchObject({ code: 0, out: 'no printer is set (printer.address)\n' })
    expect(await run('printer', 'sample', '--json', '--out', file, ...at)).toMatchObject({ code: 0, out: `${JSON.stringify({ file })}\n` })
  })
})
