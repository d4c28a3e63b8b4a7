// The built preload in a room that knows nothing but electron: one self-contained CommonJS file, as the sandbox wants it.
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'

interface Station { ask(name: string, params: unknown): Promise<unknown>; on(event: string, fn: (payload: unknown) => void): () => void }

function load(answer: (text: string) => unknown): { world: Map<string, unknown>; station: Station; asked: unknown[]; push: (text: string) => void; required: string[] } {
  const code = readFileSync(new URL('../../out/preload/index.cjs', import.meta.url), 'utf8')
  const world = new Map<string, unknown>()
  const asked: unknown[] = []
  const required: string[] = []
  const renderer = Object.assign(new EventEmitter(), {
    invoke: (channel: string, text: string) => { asked.push([channel, JSON.parse(text)]); return Promise.resolve(answer(text)) }
  })
  const require = (name: string): unknown => {
    required.push(name)
    if (name !== 'electron') throw new Error(`a sandboxed preload cannot have ${name}`)
    return { contextBridge: { exposeInMainWorld: (key: string, value: unknown) => world.set(key, value) }, ipcRenderer: renderer }
  }
  runInNewContext(code, { require, module: { exports: {} }, exports: {} })
  return { world, station: world.get('station') as Station, asked, required, push: text => { renderer.emit('door.push', {}, text) } } // exposed above
}

test('it gives the page one thing, and needs electron only', () => {
  const { world, station, required } = load(() => null)
  expect([...world.keys()]).toEqual(['station'])
  expect(Object.keys(station).toSorted()).toEqual(['ask', 'on'])
  expect([...new Set(required)]).toEqual(['electron'])
})

test('a question goes through the one channel; its value resolves and its fault rejects', async () => {
  const good = load(text => ({ id: (JSON.parse(text) as { id: number }).id, answer: { ok: true, value: 42 } })) // our own preload wrote it
  expect(await good.station.ask('status', {})).toBe(42)
  expect(good.asked).toEqual([['door', { id: 1, name: 'status', params: {} }]])
  const bad = load(() => ({ id: 1, answer: { ok: false, fault: { code: 'scan.unreadable', context: {} } } }))
  await expect(bad.station.ask('scan', { text: '?' })).rejects.toEqual({ code: 'scan.unreadable', context: {} })
  await expect(load(() => null).station.ask('status', {})).rejects.toMatchObject({ code: 'door.invalid' })
})

test('events reach those who listen, until they stop', () => {
  const { station, asked, push } = load(() => null)
  const heard: unknown[] = []
  const stop = station.on('bench.changed', payload => heard.push(payload))
  expect(asked).toEqual([['door', { follow: ['bench.changed'] }]])
  push('{"event":"bench.changed","payload":{"version":1}}')
  push('{"event":"display.changed","payload":{"version":9}}')
  stop()
  push('{"event":"bench.changed","payload":{"version":2}}')
  expect(JSON.parse(JSON.stringify(heard))).toEqual([{ version: 1 }])
})
