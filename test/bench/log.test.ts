/** A line has a time, a level, a constant text and fields; a secret prints as dots wherever it ends up. */
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Log, Secret, type LogLine } from '../../src/main/bench/log.ts'
import { Fault } from '../../src/main/domain/fault.ts'

function kept(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = []
  return { lines, log: new Log(line => { lines.push(line) }, () => 42, { station: 's1' }) }
}

it('a child adds its fields to those of its parents, and a line its own', () => {
  const { log, lines } = kept()
  log.child({ job: 'j1' }).child({ stage: 'ready' }).info('token sent', { n: 1, job: 'j2' })
  log.error('a')
  log.warn('b')
  log.debug('c')
  expect(lines[0]).toEqual({ at: 42, level: 'info', text: 'token sent', fields: { station: 's1', job: 'j2', stage: 'ready', n: 1 } })
  expect(lines.slice(1).map(l => [l.level, l.text, l.fields])).toEqual([['error', 'a', { station: 's1' }], ['warn', 'b', { station: 's1' }], ['debug', 'c', { station: 's1' }]])
})

it('a fault is a warning with its code and context; one of ours is an error, with the stack of what caused it', () => {
  const { log, lines } = kept()
  log.fault('job ended', new Fault('cloud.refused', { number: 1106, tid: 't1' }), { job: 'j1' })
  log.fault('job ended', Fault.from(new TypeError('x is not a function')))
  expect(lines[0]).toMatchObject({ level: 'warn', fields: { code: 'cloud.refused', number: 1106, tid: 't1', job: 'j1' } })
  expect(lines[1]).toMatchObject({ level: 'error', fields: { code: 'program.unexpected', text: 'x is not a function' } })
  expect(lines[1]?.fields['cause']).toContain('log.test.ts')
})

it('what a context calls itself does not hide the code of the fault', () => {
  const { log, lines } = kept()
  log.fault('two owners', new Fault('unit.conflict', { code: 'RB-0001' }))
  expect(lines[0]?.fields['code']).toBe('unit.conflict')
})

it('a secret prints as dots in text, in a joined line, JSON, the inspector and a log line', () => {
  const secret = new Secret('hunter2')
  const { log, lines } = kept()
  log.info('account', { secret, nested: { list: [secret] } })
  const printed = [String(secret), ['', secret].join(' ').trim(), JSON.stringify({ secret }), inspect(secret), inspect({ deep: { secret } }), JSON.stringify(lines), inspect(lines, { depth: 9, showHidden: true }), Object.keys(secret).join()]
  for (const text of printed) expect(text).not.toContain('hunter2')
  expect(printed.slice(0, 2)).toEqual(['••••', '••••'])
  expect(secret.reveal()).toBe('hunter2')
})
