/** Seeded damage to frames and to the JSON in them: no crash, no memory that grows, and nothing read that was not written. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/main/domain/fault.ts'
import { assessReadiness, decodeDatagram, type Datagram } from '../../src/main/wire/announcement.ts'
import { Decoder, FRAME_BYTES_MAX, K3_KEY, UDP_KEY, type Frame } from '../../src/main/wire/lan-frame.ts'
import { READINESS } from '#shared'
import { SEEN_QUESTION, V1, V2, V3, V4, V5, bytesOf, hexOf } from '../golden/lan.ts'
import { LanFuzzer } from '../helpers/lan-fuzz.ts'

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 50_000) // `npm run soak -- lan-fuzz` asks for more
const SEED = process.env['FUZZ_SEED'] ?? '1'
const MINUTES = 60_000

/** null: refused, as malformed and as nothing else. */
function read(bytes: Uint8Array, port: number): Datagram | null {
  try {
    return decodeDatagram(bytes, port)
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'packet.malformed') return null
    throw thrown
  }
}

const written = new Set([V1, V2, V3, V4, SEEN_QUESTION].flatMap(v => [6666, 6667, 7000].map(port => JSON.stringify(read(bytesOf(v.frame), port)))))

function check(datagram: Datagram): void {
  if (datagram.kind === 'question') return expect(datagram.ip).toMatch(/^(\d{1,3}\.){3}\d{1,3}$/)
  const { announcement: a } = datagram
  if (!Number.isInteger(a.active) || a.active < 0 || a.active > 0xffff) throw new Error(`active ${a.active}`)
  for (const name of [a.gwId, a.uuid, a.productKey]) if (name !== null && !/^[\x21-\x7e]{1,64}$/.test(name)) throw new Error(`a name: ${name}`)
  for (const flag of [a.token, a.encrypt]) if (flag !== null && typeof flag !== 'boolean') throw new Error('a flag')
  if (!READINESS.includes(assessReadiness(a))) throw new Error('no such readiness')
}

describe(`${INPUTS} damaged inputs, seed ${SEED}`, () => {
  it('datagrams are read as they were written, or refused as malformed; no unit is invented', () => {
    const fuzzer = new LanFuzzer(`datagram ${SEED}`)
    let accepted = 0
    for (let i = 0; i < INPUTS; i += 1) {
      const { bytes, port, isSealed } = fuzzer.next()
      const datagram = read(bytes, port)
      if (datagram === null) continue
      accepted += 1
      check(datagram)
      // Damage outside a seal is seen by checksum or tag: what comes through is one of the originals, untouched.
      if (!isSealed && !written.has(JSON.stringify(datagram))) throw new Error(`input ${i}: ${hexOf(bytes)} was read as ${JSON.stringify(datagram)}`)
    }
    expect(accepted).toBeGreaterThan(INPUTS / 50)
    expect(({} as Record<string, unknown>)['active']).toBeUndefined() // no prototype was touched
  }, 10 * MINUTES)

  it('streams in any cut never throw, never keep more than a frame, and find the sound frame behind the noise', () => {
    const fuzzer = new LanFuzzer(`stream ${SEED}`)
    const sound = bytesOf(V5.accept)
    const before = heap()
    for (let i = 0; i < INPUTS / 10; i += 1) {
      const decoder = new Decoder({ hasReturnCode: true, gcmKeys: [UDP_KEY, K3_KEY] })
      const frames: Frame[] = []
      const stream = Buffer.concat([...Array.from({ length: 10 }, () => fuzzer.next().bytes), new Uint8Array(FRAME_BYTES_MAX), sound])
      for (let at = 0; at < stream.length;) {
        const next = at + 1 + fuzzer.below(900)
        frames.push(...decoder.push(stream.subarray(at, next)))
        at = next
      }
      frames.push(...decoder.finish())
      const last = frames.at(-1)
      if (last?.command !== 0x0c || last.returnCode !== 0) throw new Error(`stream ${i}: the last frame was not found`)
    }
    expect(heap() - before).toBeLessThan(64 * 1024 * 1024)
  }, 10 * MINUTES)
})

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
