import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { millis, seconds } from '#shared'
import { Handover, type DeliveryEvent } from '../../src/main/bench/handover.ts'
import { Secret } from '../../src/main/bench/log.ts'
import { parseTransports, readTransports, TRANSPORTS } from '../../src/main/bench/transports.ts'
import shipped from '../../resources/transports.json' with { type: 'json' }
import { Fault } from '../../src/main/domain/fault.ts'
import type { BytePipe, TcpOptions } from '../../src/main/ports.ts'
import { decodeDatagram, type Announcement } from '../../src/main/wire/announcement.ts'
import { AP_KEY, COMMAND, Decoder, K3_KEY, UDP_KEY, decryptEcb, encode55aa, encode6699, encryptEcb, type Frame } from '../../src/main/wire/lan-frame.ts'
import { KEYS, V1, V2, V4, V5, asciiOf, bytesOf, hexOf } from '../golden/lan.ts'
import { benchCard, CountingEntropy, FakeNet, keptLog, MemoryPipe, pipePair, StepClock } from '../helpers/lan-bench.ts'

const TOKEN = V5.token
const announced = (hex: string, port: number): Announcement => {
  const datagram = decodeDatagram(bytesOf(hex), port)
  if (datagram.kind !== 'announcement') throw new Error(datagram.kind)
  return datagram.announcement
}
const UNIT31 = announced(V1.frame, 6666)
const UNIT33 = announced(V2.frame, 6667)
const UNIT34 = { ...UNIT33, version: '3.4' }
const UNIT35 = announced(V4.frame, 7000)
const ACCEPT = bytesOf(V5.accept)
const REJECT = bytesOf(V5.reject)

/** What a unit does with each chunk it hears; `n` counts connections from 1. */
type Manner = (unit: MemoryPipe, bytes: Uint8Array, n: number) => void | Promise<void>

async function bench(manner: Manner, options: { readonly transports?: unknown; readonly candidateMs?: number } = {}) {
  const clock = new StepClock()
  const net = new FakeNet(benchCard())
  const { log, lines } = keptLog()
  const remembered = new Map<string, string>()
  const heard: string[][] = []
  const stations: MemoryPipe[] = []
  const silence = new AbortController()
  net.answer = n => {
    const [station, unit] = pipePair()
    stations.push(station)
    const chunks: string[] = []
    heard.push(chunks)
    void (async () => {
      for (;;) {
        const bytes = await unit.read(silence.signal)
        if (bytes === null) return
        chunks.push(hexOf(bytes))
        await manner(unit, bytes, n)
      }
    })().catch(() => undefined)
    return station
  }
  const handover = new Handover(
    { clock, entropy: new CountingEntropy(), net }, log, { card: 'bench0', address: '10.77.0.1', connectMs: seconds(5), candidateMs: seconds(options.candidateMs ?? 12) },
    options.transports === undefined ? TRANSPORTS : parseTransports(options.transports), remembered
  )
  const abort = new AbortController()
  const start = (a: Announcement): { readonly events: DeliveryEvent[]; readonly at: number[]; readonly done: Promise<void> } => {
    const events: DeliveryEvent[] = []
    const at: number[] = []
    const began = clock.monotonic()
    const done = (async () => {
      for await (const event of handover.deliver(a, '10.77.0.22', new Secret(TOKEN), abort.signal)) {
        events.push(event)
        at.push(clock.monotonic() - began)
      }
    })()
    done.catch(() => undefined)
    return { events, at, done }
  }
  /** Delivers once, giving the unit all the time it may take. */
  const deliver = async (a: Announcement): Promise<DeliveryEvent[]> => {
    const run = start(a)
    await clock.advance(120_000)
    await run.done
    return run.events
  }
  return { clock, net, handover, lines, remembered, heard, stations, abort, start, deliver, [Symbol.dispose]: () => silence.abort() }
}
const say = (unit: MemoryPipe, bytes: Uint8Array): Promise<void> => unit.write(bytes, new AbortController().signal)
const acceptAnything: Manner = unit => say(unit, ACCEPT)
const silent: Manner = () => undefined
/** What a unit of this kind would find in the frame, or null. */
function tokenIn(bytes: Uint8Array, open: (frame: Frame) => Uint8Array, gcmKeys: readonly Uint8Array[] = []): string | null {
  const [frame] = new Decoder({ hasReturnCode: false, gcmKeys }).push(bytes)
  if (frame?.command !== COMMAND.TOKEN_BIND) return null
  try { return new TextDecoder().decode(open(frame)) } catch { return null }
}
const connecting = (transport: string, key: string): DeliveryEvent => ({ kind: 'connecting', transport, key })

describe('the first bytes a unit gets', () => {
  test.each([
    ['3.1: V5a, plain', UNIT31, 'plain-31', 'none', V5.plain],
    ['3.3: V5b, ECB under K_udp', UNIT33, 'ecb-33', 'K_udp', V5.ecb],
    ['3.4: as 3.3', UNIT34, 'crc-34', 'K_udp', V5.ecb],
    ['3.5: V5e, GCM under K_udp', UNIT35, 'gcm-35', 'K_udp', V5.gcm]
  ])('%s', async (_, unit, transport, key, golden) => {
    using b = await bench(acceptAnything)
    expect(await b.deliver(unit)).toEqual([connecting(transport, key), { kind: 'sent', n: 1 }, { kind: 'accepted', returnCode: 0 }])
    expect(b.heard).toEqual([[golden]])
    expect(b.net.dialled).toEqual([{ card: 'bench0', from: '10.77.0.1', to: { address: '10.77.0.22', port: 6668 }, connectMs: 5000 }])
    expect(b.stations[0]?.isClosed).toBe(true)
    expect(b.clock.waiting).toBe(0)
  })
})

describe('the rhythm', () => {
  test('the first send after one second, then every five until the candidate is out of time', async () => {
    using b = await bench(silent)
    const run = b.start(UNIT31)
    await b.clock.advance(60_000)
    expect(run.events.map((event, i) => [event.kind, run.at[i]])).toEqual([['connecting', 0], ['sent', 1000], ['sent', 6000], ['sent', 11_000], ['timeout', 12_000]])
    expect(b.heard[0]?.map(hex => Number.parseInt(hex.slice(8, 16), 16))).toEqual([1, 2, 3])
  })

  test('an answer that comes late, after the second send, still counts', async () => {
    let chunks = 0
    using b = await bench(unit => (chunks += 1) === 2 ? say(unit, ACCEPT) : undefined)
    expect((await b.deliver(UNIT31)).map(event => event.kind)).toEqual(['connecting', 'sent', 'sent', 'accepted'])
  })

  test('an answer before anything was sent ends it as well', async () => {
    using b = await bench(silent)
    const run = b.start(UNIT31)
    await b.clock.advance(100)
    b.stations[0]?.give(ACCEPT)
    await b.clock.advance(100)
    expect(run.events.map(event => event.kind)).toEqual(['connecting', 'accepted'])
  })
})

describe('a unit that is called ahead of its token', () => {
  const IP = '10.77.0.22'
  test('is sent the token a second after the call, not after the token came, over that one connection', async () => {
    using b = await bench(acceptAnything)
    b.handover.callAhead(IP, b.abort.signal)
    await b.clock.advance(700)
    expect([b.net.dialled.length, b.heard]).toEqual([1, [[]]])
    const run = b.start(UNIT31)
    await b.clock.advance(5000)
    expect(run.events.map((event, i) => [event.kind, run.at[i]])).toEqual([['connecting', 0], ['sent', 300], ['accepted', 300]])
    expect([b.net.dialled.length, b.heard, b.stations[0]?.isClosed, b.clock.waiting]).toEqual([1, [[V5.plain]], true, 0])
  })

  test('gets a late token at once, and none before the second is over though a timer fires early', async () => {
    using late = await bench(acceptAnything)
    late.handover.callAhead(IP, late.abort.signal)
    await late.clock.advance(2500)
    const after = late.start(UNIT31)
    await late.clock.advance(100)
    expect(after.events.map((event, i) => [event.kind, after.at[i]])).toEqual([['connecting', 0], ['sent', 0], ['accepted', 0]])
    using early = await bench(acceptAnything)
    const real = early.clock.after.bind(early.clock)
    early.clock.after = (ms, fn) => real(millis(ms > 100 ? ms - 15 : ms), fn)
    const run = early.start(UNIT31)
    await early.clock.advance(5000)
    expect(run.at[1]).toBeGreaterThanOrEqual(1000)
  })

  test('for whom nobody has a token hears nothing and is hung up after three seconds, or when it is said', async () => {
    using b = await bench(acceptAnything)
    b.handover.callAhead(IP, b.abort.signal)
    b.handover.callAhead(IP, b.abort.signal)
    await b.clock.advance(2999)
    expect(b.stations.map(s => s.isClosed)).toEqual([false])
    await b.clock.advance(1)
    expect([b.stations.map(s => s.isClosed), b.heard, b.clock.waiting]).toEqual([[true], [[]], 0])
    b.handover.callAhead(IP, b.abort.signal)
    await b.clock.advance(10)
    b.handover.hangUp(IP)
    await b.clock.advance(0)
    expect([b.stations.map(s => s.isClosed), b.heard, b.clock.waiting]).toEqual([[true, true], [[], []], 0])
    b.handover.callAhead(IP, b.abort.signal)
    b.abort.abort(new Fault('station.stopped'))
    await b.clock.advance(0)
    expect([b.stations.map(s => s.isClosed), b.clock.waiting]).toEqual([[true, true, true], 0])
  })

  test('is called once more for the same candidate when it hung up meanwhile, or took no call yet', async () => {
    using b = await bench(acceptAnything)
    b.handover.callAhead(IP, b.abort.signal)
    await b.clock.advance(200)
    await b.stations[0]?.peer?.[Symbol.asyncDispose]()
    await b.clock.advance(100)
    expect(await b.deliver(UNIT33)).toEqual([connecting('ecb-33', 'K_udp'), { kind: 'sent', n: 1 }, { kind: 'accepted', returnCode: 0 }])
    expect(b.heard).toEqual([[], [V5.ecb]])
    using c = await bench(acceptAnything)
    const { answer } = c.net
    c.net.answer = () => { throw new Fault('net.unreachable') }
    c.handover.callAhead(IP, c.abort.signal)
    await c.clock.advance(100)
    c.net.answer = answer
    expect((await c.deliver(UNIT33)).map(event => event.kind)).toEqual(['connecting', 'sent', 'accepted'])
  })

  test('has used one of its three connections, and gives it back', async () => {
    using b = await bench(silent)
    b.handover.callAhead(IP, b.abort.signal)
    await b.clock.advance(10)
    for (const run of [b.start(UNIT31), b.start(UNIT31), b.start(UNIT31), b.start(UNIT31)]) run.done.catch(() => undefined)
    await b.clock.advance(500)
    expect(b.net.dialled).toHaveLength(3)
    b.handover.callAhead(IP, b.abort.signal)
    await b.clock.advance(500)
    expect(b.net.dialled).toHaveLength(3)
  })
})

describe('answers', () => {
  test('a code other than 0 is a rejection with the words of the unit', async () => {
    using b = await bench(unit => say(unit, REJECT))
    expect((await b.deliver(UNIT31)).at(-1)).toEqual({ kind: 'rejected', returnCode: 1, text: 'data format error' })
    expect(b.remembered.size).toBe(0)
  })

  test('a sealed reason is opened with the key that was sent with', async () => {
    using b = await bench(unit => say(unit, encode55aa({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 7, payload: encryptEcb(UDP_KEY, asciiOf('no seat')) })))
    expect((await b.deliver(UNIT33)).at(-1)).toEqual({ kind: 'rejected', returnCode: 7, text: 'no seat' })
  })

  test('a reason that is no text is left out, and one that quotes the token has it covered', async () => {
    const reject = (payload: Uint8Array): Uint8Array => encode55aa({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 1, payload })
    using noise = await bench(unit => say(unit, reject(bytesOf('00ff1b5b324a'))))
    expect((await noise.deliver(UNIT31)).at(-1)).toEqual({ kind: 'rejected', returnCode: 1, text: '' })
    using echo = await bench(unit => say(unit, reject(asciiOf(`bad token ${TOKEN}\0\0`))))
    expect((await echo.deliver(UNIT31)).at(-1)).toEqual({ kind: 'rejected', returnCode: 1, text: 'bad token ••••' })
  })

  test('the answer may come in pieces, behind a heartbeat, or with noise in front', async () => {
    const heartbeat = encode55aa({ sequence: 1, command: COMMAND.HEART_BEAT, returnCode: 0, payload: new Uint8Array(0) })
    const stream = new Uint8Array(Buffer.concat([bytesOf('ffff'), heartbeat, ACCEPT]))
    using b = await bench(async unit => { for (const byte of stream) await say(unit, Uint8Array.of(byte)) })
    expect((await b.deliver(UNIT31)).map(event => event.kind)).toEqual(['connecting', 'sent', 'accepted'])
  })

  test('an answer without a body, or in the other envelope, is an answer', async () => {
    using bare = await bench(unit => say(unit, encode55aa({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: null, payload: new Uint8Array(0) })))
    expect((await bare.deliver(UNIT31)).at(-1)).toEqual({ kind: 'accepted', returnCode: 0 })
    using sealed = await bench(unit => say(unit, encode6699({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 0, payload: new Uint8Array(0), key: K3_KEY, nonce: new Uint8Array(12) })))
    expect((await sealed.deliver(UNIT33)).at(-1)).toEqual({ kind: 'accepted', returnCode: 0 })
  })

  test('an answer that a half frame in front of it hides is found when the stream ends', async () => {
    using b = await bench(async unit => {
      await say(unit, new Uint8Array(Buffer.concat([REJECT.subarray(0, 16), ACCEPT]))) // 44 bytes, and the half frame claims 45
      await unit[Symbol.asyncDispose]()
    })
    expect((await b.deliver(UNIT31)).at(-1)).toEqual({ kind: 'accepted', returnCode: 0 })
  })
})

describe('candidates', () => {
  const opens = (key: Uint8Array): Manner => async (unit, bytes) => {
    if (tokenIn(bytes, frame => decryptEcb(key, frame.payload)) === V5.json) await say(unit, ACCEPT)
    else await unit[Symbol.asyncDispose]()
  }

  test('a unit that closes at a wrong key gets the next key on a fresh connection', async () => {
    using b = await bench(opens(AP_KEY))
    expect(await b.deliver(UNIT33)).toEqual([
      connecting('ecb-33', 'K_udp'), { kind: 'sent', n: 1 }, { kind: 'closed' },
      connecting('ecb-33', 'K_3'), { kind: 'sent', n: 1 }, { kind: 'closed' },
      connecting('ecb-33', 'K_ap'), { kind: 'sent', n: 1 }, { kind: 'accepted', returnCode: 0 }
    ])
    expect(b.net.dialled).toHaveLength(3)
    expect(b.stations.map(pipe => pipe.isClosed)).toEqual([true, true, true])
  })

  test('a unit that stays silent at a wrong key gets the next one when the time of the first is over', async () => {
    using b = await bench(async (unit, bytes) => { if (tokenIn(bytes, frame => frame.payload, [K3_KEY]) === V5.json) await say(unit, ACCEPT) })
    expect((await b.deliver(UNIT35)).map(event => event.kind)).toEqual(['connecting', 'sent', 'sent', 'sent', 'timeout', 'connecting', 'sent', 'accepted'])
    expect(b.remembered.get(UNIT35.productKey ?? '')).toBe('gcm-35/K_3')
  })

  test('what a product acknowledged is tried first the next time; another product starts from the front', async () => {
    using b = await bench(opens(K3_KEY))
    await b.deliver(UNIT33)
    expect(await b.deliver({ ...UNIT33, gwId: 'another' })).toEqual([connecting('ecb-33', 'K_3'), { kind: 'sent', n: 1 }, { kind: 'accepted', returnCode: 0 }])
    expect((await b.deliver({ ...UNIT33, productKey: 'other' }))[0]).toEqual(connecting('ecb-33', 'K_udp'))
    expect([...b.remembered]).toEqual([[UNIT33.productKey, 'ecb-33/K_3'], ['other', 'ecb-33/K_3']])
  })

  test('a reset during the answer moves on to the next candidate', async () => {
    using b = await bench(async (unit, _, n) => {
      if (n > 1) return say(unit, ACCEPT)
      await say(unit, ACCEPT.subarray(0, 10))
      unit.reset()
    })
    const events = await b.deliver(UNIT33)
    expect(events.map(event => event.kind).filter(kind => kind !== 'unknown-answer')).toEqual(['connecting', 'sent', 'closed', 'connecting', 'sent', 'accepted'])
  })

  test('a unit that takes no connection ends closed, and nothing was sent', async () => {
    using b = await bench(silent)
    b.net.answer = () => { throw new Fault('net.unreachable', { address: '10.77.0.22', port: 6668 }) }
    expect((await b.deliver(UNIT33)).map(event => event.kind)).toEqual(['connecting', 'closed', 'connecting', 'closed', 'connecting', 'closed'])
  })

  test('a connection that breaks while the token is written counts as sent: it may have arrived', async () => {
    using b = await bench(silent)
    const run = b.start(UNIT31)
    await b.clock.advance(500)
    const station = b.stations[0]
    if (station?.peer) station.write = async () => { throw new Fault('net.unreachable') }
    await b.clock.advance(60_000)
    await run.done
    expect(run.events.map(event => event.kind)).toEqual(['connecting', 'sent', 'closed'])
  })

  test('a version from the future gets the newest transport, one from the past the oldest', async () => {
    using b = await bench(acceptAnything)
    const first = async (version: string): Promise<DeliveryEvent | undefined> => (await b.deliver({ ...UNIT31, productKey: null, version }))[0]
    expect([await first('3.0'), await first('3.2'), await first('3.6'), await first('4.0')]).toEqual([connecting('plain-31', 'none'), connecting('plain-31', 'none'), connecting('gcm-35', 'K_udp'), connecting('gcm-35', 'K_udp')])
  })
})

describe('stopping', () => {
  test('an abort ends it at once with the reason, the connection closed and no timer left', async () => {
    using b = await bench(silent)
    const run = b.start(UNIT33)
    await b.clock.advance(2000)
    const reason = new Fault('station.stopped')
    b.abort.abort(reason)
    await expect(run.done).rejects.toBe(reason)
    await b.clock.advance(0)
    expect(b.stations[0]?.isClosed).toBe(true)
    expect(b.clock.waiting).toBe(0)
  })

  test('whoever stops reading the events closes the connection', async () => {
    using b = await bench(silent)
    const abort = new AbortController()
    const clock = new StepClock()
    const handover = new Handover({ clock, entropy: new CountingEntropy(), net: b.net }, keptLog().log, { card: 'bench0', address: '10.77.0.1', connectMs: seconds(5), candidateMs: seconds(12) })
    const done = (async () => { for await (const event of handover.deliver(UNIT31, '10.77.0.22', new Secret(TOKEN), abort.signal)) if (event.kind === 'sent') break })()
    await clock.advance(1500)
    await done
    expect(b.stations[0]?.isClosed).toBe(true)
    expect(clock.waiting).toBe(0)
  })
})

describe('the transcript of an unknown answer', () => {
  const transcriptOf = async (answer: (bytes: Uint8Array) => Uint8Array, unit = UNIT31): Promise<string[]> => {
    using b = await bench((pipe, bytes) => say(pipe, answer(bytes)), { candidateMs: 3 })
    const events = await b.deliver(unit)
    const transcripts = events.flatMap(event => event.kind === 'unknown-answer' ? [event.transcript] : [])
    expect(JSON.stringify([b.lines, events])).not.toMatch(/EUAbCd1234Ef56|AbCd1234/)
    return transcripts
  }

  test('is the hex of what came, and comes before the candidate ends', async () => {
    using b = await bench(unit => say(unit, bytesOf('cafe0102')), { candidateMs: 3 })
    expect(await b.deliver(UNIT31)).toEqual([connecting('plain-31', 'none'), { kind: 'sent', n: 1 }, { kind: 'unknown-answer', transcript: 'cafe0102' }, { kind: 'timeout' }])
  })

  test('keeps frames of other types: they are what a new key is learnt from', async () => {
    const frame = encode6699({ sequence: 9, command: COMMAND.SECURITY_TYPE4, returnCode: 0, payload: asciiOf('x'), key: new Uint8Array(16), nonce: new Uint8Array(12) })
    expect(await transcriptOf(() => frame)).toEqual([hexOf(frame)])
  })

  test('hides the token where it is plain, whole or its middle', async () => {
    expect(await transcriptOf(() => asciiOf(`<${TOKEN}>`))).toEqual(['3c[hidden]3e'])
    expect(await transcriptOf(() => asciiOf('<AbCd1234>'))).toEqual(['3c[hidden]3e'])
  })

  test('hides it in blocks under any key we know, at any place', async () => {
    for (const key of [UDP_KEY, K3_KEY, AP_KEY]) {
      for (const shift of [0, 1, 7]) {
        const sealed = encryptEcb(key, asciiOf(`{"result":"a long way","token":"${TOKEN}","end":true}`))
        const [transcript = ''] = await transcriptOf(() => new Uint8Array(Buffer.concat([new Uint8Array(shift).fill(0xee), sealed])))
        expect(transcript).toMatch(/^(ee)*([0-9a-f]{32})+\[hidden\]([0-9a-f]{32})*$/)
      }
    }
  })

  test('hides what we sent ourselves when it comes back, whole, cut or broken', async () => {
    for (const unit of [UNIT31, UNIT33, UNIT35]) {
      const echoes = await transcriptOf(bytes => bytes.subarray(0, bytes.length - 6), unit)
      for (const echo of echoes) expect(echo).toMatch(/^[0-9a-f]{0,70}\[hidden\][0-9a-f]{0,8}$/)
      expect(echoes.length).toBeGreaterThan(0)
    }
  })

  test('a unit that only sends our frame back has not answered', async () => {
    for (const unit of [UNIT31, UNIT33, UNIT35]) {
      using b = await bench((pipe, bytes) => say(pipe, bytes), { candidateMs: 3 })
      const events = await b.deliver(unit)
      expect(events.map(event => event.kind).slice(0, 4)).toEqual(['connecting', 'sent', 'unknown-answer', 'timeout'])
      expect(events.filter(event => event.kind === 'accepted' || event.kind === 'rejected')).toEqual([])
    }
  })

  test('hides a whole sealed frame that tells the token under a key we know', async () => {
    const frame = encode6699({ sequence: 9, command: COMMAND.STATUS, returnCode: 0, payload: asciiOf(V5.json), key: K3_KEY, nonce: new Uint8Array(12) })
    expect(await transcriptOf(() => frame)).toEqual([`[${frame.length} bytes hidden]`])
  })

  test('has a largest size, and a unit that only babbles is cut off', async () => {
    const [long = ''] = await transcriptOf(() => new Uint8Array(5000).fill(0xab))
    expect(long).toBe(`${'ab'.repeat(2048)}[2952 bytes more]`)
    using b = await bench(unit => say(unit, new Uint8Array(100_000).fill(1)), { candidateMs: 100 })
    expect((await b.deliver(UNIT31)).map(event => event.kind)).toEqual(['connecting', 'sent', 'unknown-answer', 'closed'])
  })
})

describe('the table of transports', () => {
  test('names the built-in keys of the sheet', () => {
    expect(shipped.keys).toEqual(KEYS)
    expect(TRANSPORTS.transports.map(t => [t.id, t.candidates.map(c => c.key)])).toEqual([
      ['plain-31', ['none']], ['ecb-33', ['K_udp', 'K_3', 'K_ap']], ['crc-34', ['K_udp', 'K_3', 'K_ap']], ['gcm-35', ['K_udp', 'K_3']]
    ])
  })

  test('a key that was learnt is added as data alone', async () => {
    const learnt = '00112233445566778899aabbccddeeff'
    const transports = { keys: { ...shipped.keys, K_new: learnt }, transports: [...shipped.transports, { id: 'vendor-x', fits: [{ from: '3.3', below: '3.4', confidence: 1 }], envelope: '55aa', payload: 'ecb', keys: ['K_new'] }] }
    using b = await bench(async (unit, bytes) => { if (tokenIn(bytes, frame => decryptEcb(bytesOf(learnt), frame.payload)) === V5.json) await say(unit, ACCEPT) }, { transports })
    expect(await b.deliver(UNIT33)).toEqual([connecting('vendor-x', 'K_new'), { kind: 'sent', n: 1 }, { kind: 'accepted', returnCode: 0 }])
  })

  test('complains about every mistake at once', () => {
    const wrong = { keys: { short: 'abc' }, transports: [{ id: '', fits: [{ from: '3', below: '3.4', confidence: 2 }], envelope: 'aa55', payload: 'rot13', keys: ['gone'] }, { id: 'x', fits: [], envelope: '6699', payload: 'plain', keys: [] }] }
    try {
      parseTransports(wrong)
      expect.unreachable()
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'config.invalid' })
      expect(String(Fault.from(thrown).context['complaints']).split('; ').map(text => text.split(':')[0])).toEqual([
        'keys.short', 'transports[0].id', 'transports[0].fits', 'transports[0].envelope', 'transports[0].payload', 'transports[0].keys', 'transports[1].fits', 'transports[1].keys'
      ])
    }
    for (const value of [null, 7, [], {}, { keys: [], transports: {} }]) expect(() => parseTransports(value)).toThrow(expect.objectContaining({ code: 'config.invalid' }))
  })
})

/** The same, over TCP of this machine and its real clock. */
describe('over a real socket', () => {
  const clock = {
    world: 'live' as const, rate: 1, now: () => Date.now(), monotonic: () => seconds(performance.now() / 1000),
    sleep: (ms: number, signal: AbortSignal) => new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason) }, { once: true })
    }),
    after: (ms: number, fn: () => void) => { const timer = setTimeout(fn, ms); return { [Symbol.dispose]: () => clearTimeout(timer) } }
  }
  const pipeOver = (socket: Socket): BytePipe => {
    const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer> // no encoding is set, so it yields buffers
    return {
      write: (bytes, signal) => new Promise((resolve, reject) => { signal.throwIfAborted(); socket.write(bytes, thrown => { if (thrown) reject(thrown); else resolve() }) }),
      read: async signal => {
        const gone = Promise.withResolvers<never>()
        const leave = (): void => gone.reject(signal.reason)
        signal.addEventListener('abort', leave, { once: true })
        const next = await Promise.race([chunks.next(), gone.promise])
        signal.removeEventListener('abort', leave)
        return next.done === true ? null : new Uint8Array(next.value)
      },
      [Symbol.asyncDispose]: async () => { socket.destroy() }
    }
  }
  const realBench = async (unit: (socket: Socket, n: number) => void) => {
    let n = 0
    const server: Server = createServer(socket => { n += 1; socket.on('error', () => undefined); unit(socket, n) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const net = new FakeNet(benchCard())
    Object.assign(net, { tcp: async (options: TcpOptions) => {
      net.dialled.push(options)
      const socket = connect(address.port, '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      return pipeOver(socket)
    } })
    const handover = new Handover({ clock, entropy: new CountingEntropy(), net }, keptLog().log, { card: 'lo', address: '127.0.0.1', connectMs: seconds(5), candidateMs: seconds(4) })
    const deliver = async (a: Announcement): Promise<string[]> => {
      const kinds: string[] = []
      for await (const event of handover.deliver(a, '127.0.0.1', new Secret(TOKEN), new AbortController().signal)) kinds.push(event.kind)
      return kinds
    }
    return { deliver, [Symbol.asyncDispose]: async () => { server.close(); await once(server, 'close') } }
  }

  test('a unit that answers byte by byte has accepted', async () => {
    await using b = await realBench(socket => {
      socket.setNoDelay(true)
      socket.on('data', bytes => {
        if (hexOf(bytes) !== V5.plain) return
        void (async () => { for (const byte of ACCEPT) { socket.write(Uint8Array.of(byte)); await new Promise(resolve => { setImmediate(resolve) }) } })()
      })
    })
    expect(await b.deliver(UNIT31)).toEqual(['connecting', 'sent', 'accepted'])
  })

  test('a unit that resets at a wrong key accepts the next', async () => {
    await using b = await realBench((socket, n) => { socket.on('data', () => { if (n === 1) socket.resetAndDestroy(); else socket.write(ACCEPT) }) })
    expect(await b.deliver(UNIT33)).toEqual(['connecting', 'sent', 'closed', 'connecting', 'sent', 'accepted'])
  })
})

describe('limits', () => {
  test('250 units are served at once; the next one waits until one is done', async () => {
    const b = await bench(() => undefined)
    const stop = new AbortController()
    const started: number[] = []
    const run = async (n: number, signal: AbortSignal): Promise<void> => {
      for await (const event of b.handover.deliver(UNIT31, `10.77.${n >> 8}.${n & 255}`, new Secret(TOKEN), signal)) if (event.kind === 'connecting') started.push(n)
    }
    const first = new AbortController()
    const all = [run(0, AbortSignal.any([stop.signal, first.signal])), ...Array.from({ length: 250 }, (_, i) => run(i + 1, stop.signal))].map(p => p.catch(() => undefined))
    await b.clock.advance(3000)
    expect(started).toHaveLength(250)
    first.abort()
    await b.clock.advance(2000)
    expect(started).toHaveLength(251)
    stop.abort()
    await Promise.all(all)
  })

  test('at most three connections to one unit', async () => {
    const b = await bench(() => undefined)
    const stop = new AbortController()
    let started = 0
    const all = Array.from({ length: 5 }, async () => {
      for await (const event of b.handover.deliver(UNIT31, '10.77.0.21', new Secret(TOKEN), stop.signal)) if (event.kind === 'connecting') started += 1
    }).map(p => p.catch(() => undefined))
    await b.clock.advance(3000)
    expect(started).toBe(3)
    stop.abort()
    await Promise.all(all)
  })

  test('while it may not go on, nothing is dialled and nothing is sent; afterwards it goes on', async () => {
    const b = await bench(unit => unit.write(ACCEPT, new AbortController().signal))
    let may = false
    const events: string[] = []
    const running = (async () => {
      for await (const event of b.handover.deliver(UNIT31, '10.77.0.21', new Secret(TOKEN), new AbortController().signal, () => may)) events.push(event.kind)
    })()
    await b.clock.advance(60_000)
    expect([events, b.net.dialled]).toEqual([[], []])
    may = true
    await b.clock.advance(1000)
    may = false
    await b.clock.advance(60_000)
    expect(events).toEqual(['connecting'])
    may = true
    await b.clock.advance(3000)
    await running
    expect(events).toEqual(['connecting', 'sent', 'accepted'])
  })
})

describe('the table of transports at run time', () => {
  test('the first file that is there counts; none: what ships; a broken one is named', () => {
    const own = { keys: {}, transports: [{ id: 'own', fits: [{ from: '0.0', below: '9.0', confidence: 1 }], envelope: '55aa', payload: 'plain', keys: [] }] }
    const read = (a: string | null, b: string | null) => readTransports([{ name: 'a.json', text: a }, { name: 'b.json', text: b }]).transports.map(t => t.id)
    expect(read(JSON.stringify(own), null)).toEqual(['own'])
    expect(read(null, JSON.stringify(own))).toEqual(['own'])
    expect(read(null, null)).toEqual(TRANSPORTS.transports.map(t => t.id))
    for (const broken of ['{', '{}']) expect(() => read(broken, null)).toThrow(expect.objectContaining({ code: 'config.invalid', context: { complaints: expect.stringContaining('a.json') as string } }))
  })
})
