/**
 * DHCP exchanges at an even rate, without repeats, from one process that does nothing else meanwhile: packets are prepared, sent and taken
 * in bursts, and it never sleeps, so that of two cores with a server on one of them the server is what ends first. `spare` says by
 * how much it was not the limit.
 */
import type { Burst } from '../../src/main/live/burst-linux.ts'

export interface RateOrder { readonly first: number; readonly clients: number; readonly rate: number; readonly exchanges: number; readonly offset: number }
export interface RateFigures {
  /** DISCOVERs a second as they really went. */
  readonly perSecond: number
  readonly done: number
  readonly lost: number
  readonly avgMs: number
  readonly p90Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
  /** Exchanges whose time is not told, because the machine held the load itself up meanwhile: no slowness of the server's. */
  readonly heldUp: number
  /** Share of the time in which nothing was to be done; near zero, the load itself was the limit. */
  readonly spare: number
}

const LOST_AFTER_MS = 1000
/** A round of the load that took longer than this was interrupted; at the rates whose times are told it takes a tenth of it. */
const HELD_UP_MS = 0.2
/** Exchanges that can be open at such a rate, with room. */
const OPEN_MAX = 64
/** DISCOVERs between two looks for answers. */
const AT_ONCE = 8
const EVERYBODY = 0xffff_ffff
const [DISCOVERED, REQUESTED, DONE] = [1, 2, 3]

/** `discover` and `request` as in the load fixture; xid, hardware address, wish and server are written in. Client numbers take 32 bits. */
export function rateOf(burst: Burst, { discover, request }: { readonly discover: Buffer; readonly request: Buffer }, order: RateOrder, baseXid: number): RateFigures {
  const { first, clients, rate, exchanges, offset } = order
  const [startedAt, tookMs, state, isHeldUp] = [new Float64Array(exchanges), new Float64Array(exchanges), new Uint8Array(exchanges), new Uint8Array(exchanges)]
  const count = { begun: 0, done: 0 }
  let workMs = 0

  function speak(packet: Buffer, i: number): void {
    packet.writeUInt32BE(baseXid + i >>> 0, 4)
    packet.writeUInt32BE(first + (offset + i) % clients, 30)
    if (!burst.put(packet, EVERYBODY, 67)) {
      burst.flush(() => undefined)
      burst.put(packet, EVERYBODY, 67)
    }
  }

  function hear(bytes: Uint8Array): void {
    if (bytes.length < 244 || bytes[0] !== 2) return
    const i = ((bytes[4] ?? 0) * 2 ** 24 + (bytes[5] ?? 0) * 2 ** 16 + (bytes[6] ?? 0) * 2 ** 8 + (bytes[7] ?? 0) - baseXid) >>> 0
    if (i >= count.begun) return
    let [type, server] = [0, 0]
    for (let at = 240; at + 1 < bytes.length && bytes[at] !== 255; at += bytes[at] === 0 ? 1 : 2 + (bytes[at + 1] ?? 0)) {
      if (bytes[at] === 53) type = bytes[at + 2] ?? 0
      if (bytes[at] === 54 && at + 6 <= bytes.length) server = at + 2
      if (type !== 0 && server !== 0) break
    }
    if (type === 2 && state[i] === DISCOVERED) {
      state[i] = REQUESTED
      request.set(bytes.subarray(16, 20), 245)
      request.set(bytes.subarray(server, server + 4), 251)
      speak(request, i)
    } else if (type === 5 && state[i] === REQUESTED) {
      state[i] = DONE
      tookMs[i] = performance.now() - (startedAt[i] ?? 0)
      count.done += 1
    }
  }

  /** Whoever was open in this round. */
  function markHeldUp(from: number): void {
    for (let i = Math.max(0, count.begun - OPEN_MAX); i < count.begun; i += 1) if (state[i] !== DONE || (startedAt[i] ?? 0) + (tookMs[i] ?? 0) >= from) isHeldUp[i] = 1
  }

  const start = performance.now()
  let lastAt = start
  for (let now = start; count.done < exchanges && now - lastAt < LOST_AFTER_MS;) {
    const before = count.begun
    const due = Math.min(exchanges, Math.ceil((now - start) / 1000 * rate), before + AT_ONCE)
    for (; count.begun < due; count.begun += 1) {
      startedAt[count.begun] = performance.now()
      state[count.begun] = DISCOVERED
      speak(discover, count.begun)
      lastAt = now
    }
    const heard = burst.receive(hear)
    burst.flush(() => undefined)
    const after = performance.now()
    if (heard > 0 || count.begun > before) workMs += after - now
    if (after - now > HELD_UP_MS) markHeldUp(now)
    now = after
  }
  const times = tookMs.filter((_, i) => state[i] === DONE && isHeldUp[i] === 0).toSorted()
  return {
    perSecond: count.begun / Math.max(1, lastAt - start) * 1000, done: count.done, lost: exchanges - count.done, heldUp: isHeldUp.reduce((sum, n) => sum + n, 0), avgMs: times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, times.length),
    p90Ms: times[Math.floor(times.length * 0.9)] ?? null, p99Ms: times[Math.floor(times.length * 0.99)] ?? null, maxMs: times.at(-1) ?? null, spare: 1 - workMs / (performance.now() - start)
  }
}
