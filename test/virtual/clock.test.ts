import { describe, expect, it } from 'vitest'
import { hours, millis, minutes, seconds } from '#shared'
import { VirtualClock, VIRTUAL_START } from '../../src/main/virtual/clock.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'

const never = new AbortController().signal

describe('a free virtual clock', () => {
  it('spends an hour of virtual time in no real time', async () => {
    const clock = new VirtualClock()
    const before = performance.now()
    await clock.run(clock.sleep(hours(1), never))
    expect(clock.monotonic()).toBe(hours(1))
    expect(clock.now()).toBe(VIRTUAL_START + hours(1))
    expect(performance.now() - before).toBeLessThan(1000)
  })

  it('stands still while nobody runs it', async () => {
    const clock = new VirtualClock()
    let fired = false
    clock.after(millis(1), () => { fired = true })
    await new Promise(resolve => { setTimeout(resolve, 20) })
    expect([fired, clock.monotonic()]).toEqual([false, 0])
  })

  it('fires timers by instant, and timers of one instant in the order they were asked for', async () => {
    const clock = new VirtualClock()
    const order: string[] = []
    for (const [name, ms] of [['c', 30], ['a', 10], ['b1', 20], ['b2', 20], ['b3', 20]] as const) clock.after(millis(ms), () => order.push(name))
    await clock.advance(millis(50))
    expect(order).toEqual(['a', 'b1', 'b2', 'b3', 'c'])
  })

  it('lets long chains of promises settle before time goes on', async () => {
    const clock = new VirtualClock()
    const seen: number[] = []
    const chain = async (): Promise<void> => {
      for (let i = 0; i < 500; i += 1) await Promise.resolve()
      seen.push(clock.monotonic())
    }
    clock.after(millis(5), () => { void chain() })
    clock.after(millis(6), () => undefined)
    await clock.advance(millis(10))
    expect(seen).toEqual([5])
  })

  it('keeps hundreds of thousands of timers in order while many are cancelled', async () => {
    const clock = new VirtualClock()
    const luck = new SeededEntropy(1)
    const fired: number[] = []
    const timers = Array.from({ length: 20_000 }, () => {
      const ms = millis(Math.floor(luck.between(0, 100_000)))
      return clock.after(ms, () => fired.push(ms))
    })
    timers.forEach((timer, i) => { if (i % 4 !== 0) timer[Symbol.dispose]() })
    expect(clock.pending).toBe(5000)
    await clock.advance(millis(100_000))
    expect(fired).toHaveLength(5000)
    expect(fired).toEqual(fired.toSorted((a, b) => a - b))
    expect(clock.pending).toBe(0)
  })

  it('names a deadlock instead of waiting for ever', async () => {
    const clock = new VirtualClock()
    await clock.advance(seconds(3))
    await expect(clock.run(new Promise(() => undefined))).rejects.toMatchObject({ code: 'program.unexpected', context: { text: expect.stringMatching(/deadlock at \+3000 ms/) } })
  })

  it('names a runaway when more virtual time passes than was allowed', async () => {
    const clock = new VirtualClock()
    const tick = (): void => { clock.after(minutes(1), tick) }
    tick()
    await expect(clock.run(new Promise(() => undefined))).rejects.toMatchObject({ context: { text: expect.stringMatching(/runaway/) } })
    await expect(clock.run(new Promise(() => undefined), { limitMs: hours(1) })).rejects.toMatchObject({ context: { text: expect.stringMatching(/runaway/) } })
  })

  it('refuses to be run twice at a time', async () => {
    const clock = new VirtualClock()
    const first = clock.run(clock.sleep(seconds(1), never))
    await expect(clock.run(clock.sleep(seconds(1), never))).rejects.toMatchObject({ code: 'program.unexpected' })
    await first
  })

  it('gives back what the promise gives, value or reason', async () => {
    const clock = new VirtualClock()
    expect(await clock.run(clock.sleep(seconds(1), never).then(() => 7))).toBe(7)
    await expect(clock.run(clock.sleep(seconds(1), never).then(() => { throw new Error('no') }))).rejects.toThrow('no')
  })

  it('lets an aborted sleep go at once, with the reason of the abort, and keeps no timer for it', async () => {
    const clock = new VirtualClock()
    const abort = new AbortController()
    const sleeping = clock.sleep(hours(1), abort.signal)
    abort.abort(new Error('enough'))
    await expect(clock.run(sleeping)).rejects.toThrow('enough')
    await expect(clock.sleep(seconds(1), abort.signal)).rejects.toThrow('enough')
    expect([clock.pending, clock.monotonic()]).toEqual([0, 0])
  })

  it('shows a callback that throws to whoever runs the clock', async () => {
    const clock = new VirtualClock()
    clock.after(seconds(1), () => { throw new Error('broken callback') })
    await expect(clock.advance(seconds(2))).rejects.toThrow('broken callback')
  })
})

describe('a paced virtual clock', () => {
  it('lets twenty virtual seconds pass in one real one', async () => {
    const clock = new VirtualClock({ pace: 20 })
    const before = performance.now()
    await clock.run(clock.sleep(seconds(4), never))
    const real = performance.now() - before
    expect(real).toBeGreaterThan(150)
    expect(clock.monotonic()).toBeGreaterThanOrEqual(seconds(4))
    expect(clock.rate).toBe(20)
    clock.stop()
  })

  it('goes on from where it is when its rate is changed', async () => {
    const clock = new VirtualClock({ pace: 1 })
    const started = performance.now()
    const sleeping = clock.sleep(seconds(10), never)
    await new Promise(resolve => { setTimeout(resolve, 50) })
    clock.setRate(20)
    await sleeping
    expect(performance.now() - started).toBeLessThan(5000)
    expect(clock.now()).toBeGreaterThanOrEqual(VIRTUAL_START + seconds(10))
    clock.stop()
  })

  it('fires nothing more once it was stopped', async () => {
    const clock = new VirtualClock({ pace: 20 })
    let fired = false
    clock.after(millis(200), () => { fired = true })
    clock.stop()
    await new Promise(resolve => { setTimeout(resolve, 40) })
    expect([fired, clock.pending]).toEqual([false, 0])
  })
})
