import { expect, test } from 'vitest'
import { millis } from '#shared'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'

const clock = new LiveClock()

test('a sleep ends after its time and not before', async () => {
  const start = clock.monotonic()
  await clock.sleep(millis(30), new AbortController().signal)
  expect(clock.monotonic() - start).toBeGreaterThanOrEqual(29)
})

test('a sleep whose signal aborts rejects at once with the reason of the abort', async () => {
  const abort = new AbortController()
  const sleeping = clock.sleep(millis(60_000), abort.signal)
  abort.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
  await expect(clock.sleep(millis(60_000), abort.signal)).rejects.toThrow('enough')
})

test('a timer of a hundred days does not fire at once, and a disposed one never fires', async () => {
  let fired = 0
  const far = clock.after(millis(100 * 86_400_000), () => { fired += 1 })
  const near = clock.after(millis(5), () => { fired += 1 })
  near[Symbol.dispose]()
  await clock.sleep(millis(30), new AbortController().signal)
  far[Symbol.dispose]()
  expect(fired).toBe(0)
})

test('chance gives as many bytes as asked, and other ones each time', () => {
  const entropy = new LiveEntropy()
  expect(entropy.bytes(16)).toHaveLength(16)
  expect(entropy.bytes(16)).not.toEqual(entropy.bytes(16))
})
