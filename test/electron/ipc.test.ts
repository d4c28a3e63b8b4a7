import { beforeEach, expect, test, vi } from 'vitest'
import { Log } from '../../src/main/bench/log.ts'
import { Gate, type Handlers } from '../../src/main/gate/gate.ts'
import { READING } from '../../src/main/gate/rights.ts'
import { change, FakeGate } from '../hosts/fake-gate.ts'
import { FakeContents, makeDouble } from './double.ts'

const held = vi.hoisted(() => ({ electron: {} as Record<string, unknown> }))
vi.mock('electron', () => new Proxy({}, { get: (_, name) => name === 'then' ? undefined : held.electron[String(name)], has: () => true }))

let double: ReturnType<typeof makeDouble>
beforeEach(() => {
  vi.resetModules()
  double = makeDouble()
  held.electron = double
})
const page = (url = 'app://unbindery/', parent: unknown = null): { url: string; parent: unknown } => ({ url, parent })
async function serve(gate: ConstructorParameters<typeof Gate> | FakeGate): Promise<(frame: unknown, text: unknown, sender?: FakeContents) => Promise<unknown>> {
  const { serveIpc } = await import('../../src/main/hosts/ipc.ts')
  serveIpc(gate instanceof FakeGate ? gate : new Gate(...gate))
  const handler = double.state.handlers.get('door')
  return async (senderFrame, text, sender = new FakeContents()) => await handler?.(...[{ senderFrame, sender }, text] as never[]) // as ipcMain calls it
}

test('there is one channel, and our own page gets its answer there', async () => {
  const gate = new FakeGate()
  const ask = await serve(gate)
  expect([...double.state.handlers.keys()]).toEqual(['door'])
  expect(await ask(page(), '{"id":4,"name":"status","params":{}}')).toEqual({ id: 4, answer: { ok: true, value: null } })
  expect(gate.asked).toEqual([{ name: 'status', params: {}, host: 'ipc' }])
})

test('foreign pages, frames inside our page, vanished frames and texts that are none are refused unheard', async () => {
  const gate = new FakeGate()
  const ask = await serve(gate)
  const question = '{"id":4,"name":"scan","params":{"text":"CM:STOP"}}'
  for (const frame of [page('https://evil.example/'), page('file:///app/index.html'), page('app://other/'), page('app://unbindery.evil/'), page('about:blank'), page(''), page('app://unbindery/', page()), null]) {
    expect(await ask(frame, question)).toMatchObject({ answer: { ok: false, fault: { code: 'door.invalid' } } })
  }
  for (const text of [null, 7, { id: 4, name: 'status' }, [question], undefined]) expect(await ask(page(), text)).toMatchObject({ answer: { ok: false } })
  expect(gate.asked).toEqual([])
})

test('unknown methods and unknown keys are refused by the gate itself', async () => {
  const ask = await serve([{} as Handlers, new Log(() => undefined, () => 0), READING]) // no handler is ever reached
  for (const [name, params, code] of [['fs.read', {}, 'door.unknown'], ['constructor', {}, 'door.unknown'], ['__proto__', {}, 'door.unknown'], ['status', { more: 1 }, 'door.invalid'], ['scan', {}, 'door.invalid']] as const) {
    expect(await ask(page(), JSON.stringify({ id: 1, name, params }))).toMatchObject({ id: 1, answer: { ok: false, fault: { code } } })
  }
})

test('events go to the window that follows, until it is gone', async () => {
  const gate = new FakeGate()
  const ask = await serve(gate)
  const window = new FakeContents()
  expect(await ask(page(), '{"follow":["bench.changed"]}', window)).toBeNull()
  gate.tell('bench.changed', change(1))
  expect(window.sent).toEqual([{ channel: 'door.push', text: JSON.stringify({ event: 'bench.changed', payload: change(1) }) }])
  window.isGone = true
  window.emit('destroyed')
  expect(gate.followers).toBe(0)
})
