/** `unbindery recipe` and `unbindery ports` as typed: words out, exit codes, JSON. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerWords } from '../../src/main/verbs.ts'
import { Adapter, missingPrograms } from '../helpers/adapter.ts'
import { printedBy, type Printed } from '../helpers/printed.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const golden = (id: string): string => resolve(ROOT, `test/golden/recipes/${id}.txt`)
const shipped = (id: string): string => resolve(ROOT, `resources/recipes/${id}.json`)
const missing = missingPrograms('socat')

const told = (...words: readonly string[]): Promise<Printed> => printedBy(() => answerWords(words))

describe('recipe list', () => {
  it('names every recipe, its danger and where it is from; as JSON too', async () => {
    const { code, out } = await told('recipe', 'list', '--data', '/nowhere/unbindery')
    expect(code).toBe(0)
    expect(out).toMatch(/^recipe +version +danger +verified +from +title\n/)
    expect(out).toMatch(/\nuboot-env +1 +erases-settings +- +station +U-Boot: erase the environment\n/)
    const json: unknown = JSON.parse((await told('recipe', 'list', '--json', '--data', '/nowhere/unbindery')).out)
    expect(json).toHaveLength(6)
  })

  it('shows those of the bench, and says which of them has mistakes', async () => {
    const data = mkdtempSync(join(tmpdir(), 'ub-recipes-'))
    try {
      mkdirSync(join(data, 'recipes'))
      writeFileSync(join(data, 'recipes', 'mine.json'), readFileSync(shipped('button-hold'), 'utf8').replace('"button-hold"', '"mine"'))
      writeFileSync(join(data, 'recipes', 'bad.json'), '{')
      const { code, out, err } = await told('recipe', 'list', '--data', data)
      expect([code, /\nmine +1 +restarts +- +bench /.test(out), /bad\.json:1:2 /.test(err)]).toEqual([1, true, true])
    } finally {
      rmSync(data, { recursive: true })
    }
  })
})

describe('recipe check', () => {
  it('is silent about what is right and exact about what is not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ub-check-'))
    const bad = join(folder, 'bad.json')
    try {
      writeFileSync(bad, readFileSync(shipped('uboot-env'), 'utf8').replaceAll('"everyMs": 80', '"everyMs": 1'))
      const { code, out, err } = await told('recipe', 'check', shipped('uboot-env'), bad)
      expect(code).toBe(1)
      expect(out).toContain('uboot-env version 1, in order\n')
      expect(err.split('\n').filter(l => l !== '')).toEqual([21, 29].map(line => expect.stringMatching(new RegExp(`^${bad}:${line}:\\d+ (steps|verify)\\[\\d\\]\\.everyMs must be a whole number from 20 to 1000$`))))
      expect((await told('recipe', 'check', join(folder, 'none.json'))).code).toBe(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('recipe run', () => {
  it('--dry-run shows the steps and what erases, and opens nothing', async () => {
    const { code, out } = await told('recipe', 'run', 'uboot-env', '--dry-run')
    expect(code).toBe(0)
    expect(out).toMatch(/\nsteps 4 +ERASES run "erase \{start\} \+\{length\}", .*\n +Takes the owner/)
  })

  it.each(['uboot-env', 'linux-login', 'openwrt-failsafe', 'button-hold', 'power-cycle'])('--dry-run %s plays against its golden transcript and is verified', async id => {
    const { code, out, err } = await told('recipe', 'run', shipped(id), '--dry-run', '--transcript', golden(id), '--json')
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({ recipe: id, version: 1, verdict: 'verified', fault: null })
  })

  it('--dry-run takes values, and says where a transcript goes another way', async () => {
    expect((await told('recipe', 'run', 'rtl8196e-esc', '--dry-run', '--transcript', golden('rtl8196e-esc'), '--set', 'start=20000')).code).toBe(0)
    const other = await told('recipe', 'run', 'uboot-env', '--dry-run', '--transcript', golden('uboot-env'), '--set', 'owner=user')
    expect(other.code).toBe(1)
    expect(other.err).toContain('the transcript goes another way: sent "printenv u" in place of "printenv owner"'.slice(0, 40))
  })

  it('does not erase without --yes, and not without a port', async () => {
    expect((await told('recipe', 'run', 'uboot-env')).code).toBe(2)
    const { code, err } = await told('recipe', 'run', 'uboot-env', '--port', '/dev/ub-none')
    expect([code, err.startsWith('uboot-env erases settings of the unit; say --yes')]).toEqual([2, true])
  })

  it('names a port that is not there, a value that is missing, and words it does not know', async () => {
    expect((await told('recipe', 'run', 'uboot-env', '--yes', '--port', '/dev/ub-none')).err).toMatch(/\(serial\.no-port\)\n {2}path: \/dev\/ub-none/)
    expect((await told('recipe', 'run', 'rtl8196e-esc', '--yes', '--port', '/dev/ub-none')).err).toContain('start: no value and no default')
    for (const words of [['recipe'], ['recipe', 'play'], ['recipe', 'run'], ['recipe', 'list', 'x'], ['recipe', 'run', 'a', '--fast'], ['ports', 'bind', 'x']]) expect([words, (await told(...words)).code]).toEqual([words, 2])
    expect((await told('recipe', '--help')).code).toBe(0)
  })

  it.skipIf(missing.length > 0)(`ends with 3 on a closed console, and leaves a transcript only its owner can read${missing.length > 0 ? ' (missing: socat)' : ''}`, async () => {
    await using adapter = await Adapter.open()
    const file = join(mkdtempSync(join(tmpdir(), 'ub-said-')), 'said.txt')
    const talking = setInterval(() => { adapter.say('\r\nDH-Boot 2.0\r\n') }, 300)
    try {
      const { code, out } = await told('recipe', 'run', 'uboot-env', '--yes', '--port', adapter.path, '--transcript', file)
      expect([code, out]).toEqual([3, 'uboot-env version 1: closed at steps 2\n'])
      expect(readFileSync(file, 'utf8')).toContain('DH-Boot 2.0')
    } finally {
      clearInterval(talking)
      rmSync(resolve(file, '..'), { recursive: true })
    }
  })
})

describe('ports', () => {
  it('lists what this computer has where no station runs; binding needs one', async () => {
    const { code, out } = await told('ports', '--json', '--data', '/nowhere/unbindery')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ fault: null, trustedLanes: [] })
    const bound = await told('ports', 'bind', '/dev/ttyUSB0', 'console', '3', '--data', '/nowhere/unbindery')
    expect([bound.code, bound.err.includes('door.no-station')]).toEqual([1, true])
  })
})
