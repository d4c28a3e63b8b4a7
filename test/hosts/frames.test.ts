import { expect, test } from 'vitest'
import { PICTURE_CHARS_MAX } from '#shared'
import { BACKLOG_BYTES_MAX, DoorSession, FRAME_MAX, parseFrame, PICTURE_FRAME_MAX, QUESTIONS_MAX } from '../../src/main/hosts/frames.ts'
import { change, FakeGate } from './fake-gate.ts'

function talk(gate: FakeGate, backlog = () => 0): { session: DoorSession; sent: unknown[]; dropped: string[] } {
  const sent: unknown[] = []
  const dropped: string[] = []
  const session = new DoorSession(gate, 'http', { send: text => { sent.push(JSON.parse(text)) }, backlog, drop: why => { dropped.push(why) } })
  return { session, sent, dropped }
}

test('a question reaches the gate with its host, and its answer carries the same number', async () => {
  const gate = new FakeGate()
  const { session, sent } = talk(gate)
  await session.hear('{"id":7,"name":"scan","params":{"text":"OP:ANNA"}}')
  expect(gate.asked).toEqual([{ name: 'scan', params: { text: 'OP:ANNA' }, host: 'http' }])
  expect(sent).toEqual([{ id: 7, answer: { ok: true, value: null } }])
})

test('what cannot be read as a frame ends the conversation, once, and nothing after it is heard', async () => {
  const garbage = ['', 'null', '[]', '7', '{', '"x"', '{}', '{"id":1}', '{"name":"status"}', '{"id":"1","name":"status"}', '{"id":-1,"name":"status"}', '{"id":1.5,"name":"status"}',
    '{"id":1,"name":7}', '{"id":1,"name":"status","params":{},"more":1}', '{"follow":"bench.changed"}', '{"follow":["no.such"]}', '{"follow":["bench.changed","bench.changed","bench.changed"]}',
    '{"follow":[],"id":1}', '{"id":1,"answer":{"ok":true,"value":null}}', '{"event":"bench.changed","payload":{}}', `{"id":1,"name":"${'x'.repeat(FRAME_MAX)}"}`, '\u0000', '{"id":9007199254740993,"name":"status"}']
  for (const text of garbage) {
    const gate = new FakeGate()
    const { session, sent, dropped } = talk(gate)
    await session.hear(text)
    await session.hear('{"id":1,"name":"status"}')
    expect({ text: text.slice(0, 60), dropped, sent, asked: gate.asked.length }).toEqual({ text: text.slice(0, 60), dropped: ['unreadable'], sent: [], asked: 0 })
  }
})

test('only a picture may be longer than a frame, and a picture has its end too', () => {
  const asking = (name: string, chars: number): string => JSON.stringify({ id: 7, name, params: { picture: 'A'.repeat(chars) } })
  expect(parseFrame(asking('relay.picture', PICTURE_CHARS_MAX))).toMatchObject({ id: 7, name: 'relay.picture' })
  expect(parseFrame(asking('relay.picture', PICTURE_FRAME_MAX))).toBeNull()
  expect(parseFrame(asking('scan', FRAME_MAX))).toBeNull()
  expect(parseFrame(JSON.stringify({ id: 7, name: 'scan', params: { picture: 'A'.repeat(FRAME_MAX), name: 'relay.picture' } }))).toBeNull()
  expect(parseFrame(` ${asking('relay.picture', FRAME_MAX)}`)).toBeNull()
})

test('every beginning of a good frame is refused without a throw', () => {
  const text = '{"id":7,"name":"scan","params":{"text":"OP:ANNA"}}'
  for (let n = 0; n < text.length; n += 1) expect(parseFrame(text.slice(0, n))).toBeNull()
  expect(parseFrame(text)).not.toBeNull()
})

test('a follower hears only what it asked for, and a new wish replaces the old one', async () => {
  const gate = new FakeGate()
  const { session, sent } = talk(gate)
  await session.hear('{"follow":["bench.changed"]}')
  await session.hear('{"follow":["bench.changed"]}')
  gate.tell('bench.changed', change(1))
  expect(sent).toEqual([{ event: 'bench.changed', payload: change(1) }])
  await session.hear('{"follow":[]}')
  gate.tell('bench.changed', change(2))
  expect(sent).toHaveLength(1)
  session[Symbol.dispose]()
  expect(gate.followers).toBe(0)
})

test('a screen that takes nothing is cut off instead of filling the memory', async () => {
  const gate = new FakeGate()
  let backlog = 0
  const { session, sent, dropped } = talk(gate, () => backlog)
  await session.hear('{"follow":["bench.changed"]}')
  gate.tell('bench.changed', change(1))
  backlog = BACKLOG_BYTES_MAX + 1
  gate.tell('bench.changed', change(2))
  gate.tell('bench.changed', change(3))
  expect(sent).toHaveLength(1)
  expect(dropped).toEqual(['slow'])
  expect(gate.followers).toBe(0)
})

test('a gate that throws, and too many questions at once, are faults as data', async () => {
  const gate = new FakeGate()
  const { session, sent } = talk(gate)
  gate.answer = () => Promise.reject(new Error('broken'))
  await session.hear('{"id":1,"name":"status"}')
  expect(sent).toMatchObject([{ id: 1, answer: { ok: false, fault: { code: 'program.unexpected' } } }])
  gate.answer = () => new Promise(() => undefined)
  for (let i = 0; i < QUESTIONS_MAX; i += 1) void session.hear('{"id":2,"name":"status"}')
  await session.hear('{"id":3,"name":"status"}')
  expect(sent[1]).toMatchObject({ id: 3, answer: { ok: false, fault: { code: 'door.invalid' } } })
})
