import { beforeEach, expect, test, vi } from 'vitest'
import { makeDouble } from './double.ts'

const held = vi.hoisted(() => ({ electron: {} as Record<string, unknown>, boot: [] as string[] }))
vi.mock('electron', () => new Proxy({}, { get: (_, name) => name === 'then' ? undefined : held.electron[String(name)], has: () => true }))
vi.mock('../../src/main/boot.ts', () => ({ boot: (mainDir: string) => { held.boot.push(mainDir); return Promise.resolve() } }))

let double: ReturnType<typeof makeDouble>
beforeEach(() => {
  vi.resetModules()
  double = makeDouble()
  held.electron = double
  held.boot.length = 0
})
const within = async (ms: number, work: Promise<unknown>): Promise<string> =>
  await Promise.race([work.then(() => 'done'), new Promise<string>(resolve => { setTimeout(() => resolve('hangs'), ms) })])

test('the double is honest: an entry that awaits ready at top level hangs', async () => {
  const loading = import('./hanging.fixture.ts')
  expect(await within(200, loading)).toBe('hangs')
  double.evaluated()
  await loading
})

test('the entry is evaluated without waiting for ready, and boots after it', async () => {
  expect(await within(2000, import('../../src/main/index.ts'))).toBe('done')
  expect(held.boot).toEqual([])
  expect(double.calls).toEqual(['enableSandbox', 'schemes [{"scheme":"app","privileges":{"standard":true,"secure":true,"supportFetchAPI":true}}]'])
  double.evaluated()
  await vi.waitFor(() => expect(held.boot).toHaveLength(1))
  expect(held.boot[0]).toMatch(/src.main$/)
})

test('a second instance leaves at once and boots nothing', async () => {
  double.state.hasLock = false
  await import('../../src/main/index.ts')
  double.evaluated()
  await new Promise(resolve => { setTimeout(resolve, 20) })
  expect(double.calls.at(-1)).toBe('quit')
  expect(held.boot).toEqual([])
})
