/** `unbindery ready` and `settings` from a terminal, before a gate that answers as a station would. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Gate } from '../../src/main/gate/gate.ts'
import { serveLocal } from '../../src/main/hosts/local.ts'
import { answerWords } from '../../src/main/verbs.ts'
import { openBench, type TestBench } from '../helpers/station.ts'
import { printedBy, type Printed } from '../helpers/printed.ts'

let folder: string
let bench: TestBench
let server: AsyncDisposable
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ub-ready-'))
  bench = await openBench({ simulate: () => Promise.resolve({ outcome: 'proven', certificate: 'valid', facts: 30 }) })
  await bench.sleep(15_000)
  const gate = { ask: (name: string, params: unknown, who: { host: 'local' }) => bench.run(bench.station.gate.ask(name, params, who)), follow: bench.station.gate.follow.bind(bench.station.gate) } as unknown as Gate // of a station in a virtual time, which somebody has to move
  server = await serveLocal(gate, folder)
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const run = (...words: readonly string[]): Promise<Printed> => printedBy(() => answerWords([...words, '--data', folder]))

describe('unbindery ready', () => {
  it('says that nothing was checked yet, makes the daily check, and saves its signed record', async () => {
    expect(await run('ready')).toMatchObject({ code: 0, out: expect.stringMatching(/^first run +never\ndaily check +never; DUE\n {2}card +open\n/) as string })
    const daily = await run('ready', 'daily')
    expect(daily).toMatchObject({ code: 0, out: expect.stringMatching(/daily check +\S+ by cli: ready; skipped: printer\n/) as string })
    expect(daily.out).toMatch(/lease +done +ip 10\.77\.0\./)
    const path = join(folder, 'record.json')
    expect(await run('ready', 'record', '--out', path)).toMatchObject({ code: 0, out: `${path}\n` })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ kind: 'unbindery.ready', how: 'daily', isReady: true })
    const started = bench.ledger.factsAfter(0, 5).find(f => f.body.kind === 'station.started')?.body
    const key = started?.kind === 'station.started' ? started.publicKey : ''
    expect(await run('verify', path, '--key', key)).toMatchObject({ code: 0, out: expect.stringMatching(/valid\n {2}bench ready, daily check, .* by cli\n {2}steps +card done, guard done, lease done, printer skipped/) as string })
  })

  it('a bench that is not ready ends with 1, and a step by itself is tried by its name', async () => {
    bench.world.benchCard.unplug()
    await bench.sleep(3000)
    expect(await run('ready', 'try', 'card')).toMatchObject({ code: 0, out: expect.stringContaining('card       failed   net.no-link') as string })
    expect(await run('ready', 'daily')).toMatchObject({ code: 1, out: expect.stringContaining('NOT READY: card, guard, lease') as string })
    expect((await run('ready', 'try', 'scanner')).code).toBe(1)
    for (const odd of [['ready', 'dance'], ['ready', 'try'], ['ready', 'daily', 'now']]) expect((await run(...odd)).code).toBe(2)
  })
})

describe('unbindery settings', () => {
  it('lists what is in force, changes it, and says what waits for the next start', async () => {
    expect(await run('settings', 'care')).toMatchObject({ code: 0, out: expect.stringMatching(/^file: none\ncare\.keepDays +180 +default\ncare\.backupHour +3 +default\n$/) as string })
    expect(await run('settings', 'set', 'care.backupHour', '5')).toMatchObject({ code: 0, out: expect.stringMatching(/care\.backupHour +3 +default +set by cli \S+ {2}from the next start: 5/) as string })
    expect(await run('settings', 'set', 'dhcp.dns', '["1.1.1.1"]')).toMatchObject({ code: 0, out: expect.stringContaining('from the next start: ["1.1.1.1"]') as string })
    expect(await run('settings', 'reset', 'care.backupHour', 'dhcp.dns')).toMatchObject({ code: 0 })
    expect((await run('settings')).out).not.toContain('from the next start')
  })

  it('a wrong value is refused in words', async () => {
    expect(await run('settings', 'set', 'care.backupHour', '99')).toMatchObject({ code: 1, err: expect.stringContaining('care.backupHour: 99 is not allowed; 0 to 23') as string })
    expect(await run('settings', 'set', 'dhcp.dns', '1.1.1.1')).toMatchObject({ code: 1, err: expect.stringContaining('not a list in JSON') as string })
    for (const odd of [['settings', 'set', 'care.backupHour'], ['settings', 'set'], ['settings', 'reset'], ['settings', 'a', 'b']]) expect((await run(...odd)).code).toBe(2)
  })
})
