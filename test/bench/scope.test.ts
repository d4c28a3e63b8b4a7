/** Lifetime: reverse order, nobody forgotten, every failure told, no listener left behind. */
import { describe, expect, it } from 'vitest'
import { Scope } from '../../src/main/bench/scope.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { faultOf } from '../helpers/ledger.ts'

const ignore = (): void => undefined

describe('closing', () => {
  it('runs in reverse order: children first, the last opened first, each awaited before the next', async () => {
    const closed: string[] = []
    const scope = new Scope('station')
    scope.own(() => { closed.push('ledger') })
    scope.own({ [Symbol.dispose]: () => { closed.push('socket') } })
    scope.own({ [Symbol.asyncDispose]: async () => { await Promise.resolve(); closed.push('pipe') } })
    const job = scope.child('job')
    job.own(() => { closed.push('job') })
    job.child('stage').own(() => { closed.push('stage') })
    scope.child('job 2').own(() => { closed.push('job 2') })
    await scope.close()
    expect(closed).toEqual(['job 2', 'stage', 'job', 'pipe', 'socket', 'ledger'])
    expect([scope.isOpen, scope.openChildren, job.isOpen]).toEqual([false, 0, false])
  })

  it('continues past a failure and tells all failures together', async () => {
    const closed: string[] = []
    const scope = new Scope('station')
    scope.own(() => { closed.push('first') })
    scope.own(() => { throw new Error('a') })
    scope.own(() => Promise.reject(new Error('b')))
    scope.child('job').own(() => { throw new Error('c') })
    const told = await scope.close().catch((thrown: unknown) => thrown)
    expect(told).toBeInstanceOf(AggregateError)
    const { errors, message } = told as AggregateError // said on the line above
    expect(message).toBe('closing station failed')
    expect(errors.flatMap((e: unknown) => e instanceof AggregateError ? e.errors : [e]).map(String)).toEqual(['Error: c', 'Error: b', 'Error: a'])
    expect(closed).toEqual(['first'])
  })

  it('happens once, however often it is asked for', async () => {
    let closed = 0
    const scope = new Scope('x')
    scope.own(() => { closed += 1 })
    await Promise.all([scope.close(), scope.close(new Fault('unit.held')), scope[Symbol.asyncDispose]()])
    expect(closed).toBe(1)
  })

  it('gives its reason to everybody below, and station.stopped when none is named', async () => {
    const scope = new Scope('station')
    const stage = scope.child('job').child('stage')
    await scope.close(new Fault('unit.removed'))
    expect([scope.signal.reason, stage.signal.reason]).toMatchObject([{ code: 'unit.removed' }, { code: 'unit.removed' }])
    const other = new Scope('station')
    await other.close()
    expect(Fault.from(other.signal.reason).code).toBe('station.stopped')
  })

  it('of a child leaves the parent open and takes the child off it', async () => {
    const scope = new Scope('station')
    for (let n = 0; n < 1000; n += 1) await scope.child(`job ${n}`).close(new Fault('unit.removed'))
    expect([scope.openChildren, scope.signal.aborted]).toEqual([0, false])
    await scope.close()
  })
})

describe('after closing', () => {
  it('a thing handed over is closed at once, and its failure falls on nobody', async () => {
    const scope = new Scope('x')
    await scope.close()
    let closed = 0
    scope.own(() => { closed += 1 })
    expect(closed).toBe(1)
    expect(() => scope.own(() => { throw new Error('late') })).not.toThrow()
    scope.own(() => Promise.reject(new Error('later')))
    await Promise.resolve()
  })

  it('a child is refused with the reason', async () => {
    const scope = new Scope('x')
    await scope.close(new Fault('unit.held'))
    expect(faultOf(() => scope.child('y'))?.code).toBe('unit.held')
  })
})

describe('work in the background', () => {
  it('is awaited on closing, and what it throws because of the closing is no fault', async () => {
    const told: string[] = []
    const scope = new Scope('x')
    let isDone = false
    scope.spawn(async signal => {
      await new Promise<void>(resolve => { signal.addEventListener('abort', () => resolve(), { once: true }) })
      await Promise.resolve()
      isDone = true
      throw signal.reason
    }, fault => told.push(fault.code))
    await scope.close()
    expect([isDone, told]).toEqual([true, []])
  })

  it('that fails is told as a fault, and the scope stays open', async () => {
    const told: string[] = []
    await using scope = new Scope('x')
    scope.spawn(() => Promise.reject(new Fault('net.card-gone')), fault => told.push(fault.code))
    scope.spawn(() => Promise.reject(new TypeError('x')), fault => told.push(fault.code))
    await Promise.resolve().then(ignore).then(ignore)
    expect([told, scope.isOpen]).toEqual([['net.card-gone', 'program.unexpected'], true])
  })
})
