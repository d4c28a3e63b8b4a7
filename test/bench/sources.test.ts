/** One contract for every source of tokens, and what each one alone can and cannot do. */
import { describe, expect, it } from 'vitest'
import { millis, minutes, seconds } from '#shared'
import { CloudClient } from '../../src/main/bench/cloud.ts'
import { Log, Secret, type LogLine } from '../../src/main/bench/log.ts'
import { OpenApiSource } from '../../src/main/bench/openapi-source.ts'
import { FileSource, RelaySource, SourceSwitch } from '../../src/main/bench/sources.ts'
import { TokenDesk, type TokenSource } from '../../src/main/bench/token-desk.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import type { Disk } from '../../src/main/ports.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud } from '../../src/main/virtual/cloud.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'
import { markOfToken } from '../../src/main/wire/token-file.ts'

const NEVER = new AbortController().signal
const ORDER = { account: 'house', product: 'cam2qr0000000001', method: 'qr', seats: 30 } as const
const TOKEN = 'EUAbCd1234Ef56'
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'none', (thrown: unknown) => Fault.from(thrown).code)

interface Bench { readonly clock: VirtualClock; readonly lines: LogLine[]; readonly source: TokenSource; readonly hasList: boolean; /** Whoever gives the tokens does it now. */ readonly give: () => void }

function overCloud(isPairing: boolean): Bench {
  const clock = new VirtualClock()
  const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy('cloud'), accounts: [{ ...VIRTUAL_ACCOUNT, isPairing }] })
  const lines: LogLine[] = []
  const log = new Log(line => { lines.push(line) }, () => clock.now())
  const account = { id: 'house', baseUrl: 'https://openapi.virtual', clientId: VIRTUAL_ACCOUNT.clientId, secret: new Secret(VIRTUAL_ACCOUNT.secret), assetId: 'bench', region: 'EU' }
  const client = new CloudClient({ clock, entropy: new SeededEntropy('client'), web: new VirtualWeb(clock, cloud) }, log, { account, deadlineMs: seconds(10) })
  return { clock, lines, source: new OpenApiSource([client], log, isPairing ? 'openapi' : 'virtual'), hasList: true, give: () => undefined }
}
function overPhone(): Bench {
  const clock = new VirtualClock()
  const source = new RelaySource(clock, minutes(4))
  return { clock, lines: [], source, hasList: false, give: () => source.offer('house', new Secret(TOKEN)) }
}
/** A partner's program that answers whatever is wanted. */
function overFiles(disk: Disk = new VirtualDisk(), issued: unknown = { v: 1, token: TOKEN, lifeSeconds: 300 }): Bench {
  const clock = new VirtualClock()
  const source = new FileSource(clock, disk, () => 'name-1')
  const give = (): void => {
    clock.after(seconds(3), () => {
      for (const name of disk.list('exchange/house/wanted')) disk.writeAtomic(`exchange/house/issued/${name}`, bytes(issued))
    })
    disk.writeAtomic(`exchange/house/results/${markOfToken(TOKEN)}.json`, bytes({ v: 1, rows: [] }))
  }
  return { clock, lines: [], source, hasList: true, give }
}
const SOURCES: readonly (readonly [string, () => Bench])[] = [['virtual', () => overCloud(false)], ['openapi', () => overCloud(true)], ['relay', overPhone], ['file', () => overFiles()]]

describe.each(SOURCES)('the contract, kept by %s', (name, make) => {
  it('a token has 14 characters that begin with its data centre, the 8 that ask for results, an end by a named clock, and prints as dots', async () => {
    const { clock, source, give } = make()
    give()
    const at = clock.now()
    const token = await clock.run(source.issue(ORDER, NEVER))
    expect(source.id).toBe(name)
    expect(token.text.reveal()).toMatch(/^[A-Z]{2}\w{12}$/)
    expect(token.text.reveal().slice(2, 10)).toBe(token.token8.reveal())
    expect(token.text.reveal().slice(0, 2)).toBe(token.region)
    expect(token).toMatchObject({ account: 'house', seatsMax: 30 })
    expect(token.issuedAt).toBeGreaterThanOrEqual(at)
    expect(token.expiresAt - token.issuedAt).toBeGreaterThan(60_000)
    expect(JSON.stringify(token)).not.toContain(token.token8.reveal())
  })

  it('the results of a fresh token are an empty list where there is a list, and no list where there is none', async () => {
    const { clock, source, give, hasList } = make()
    give()
    const token = await clock.run(source.issue(ORDER, NEVER))
    expect(await clock.run(source.results(token, NEVER))).toEqual(hasList ? [] : null)
    expect(await clock.run(source.results({ ...token }, NEVER))).toEqual(hasList ? [] : null) // as after a restart
  })

  it('an abort ends the wait with its reason and leaves nothing behind', async () => {
    const { clock, source } = make()
    const stop = new AbortController()
    const reason = new Fault('station.stopped')
    clock.after(millis(5), () => stop.abort(reason))
    if (name === 'relay') stop.abort(reason)
    expect(await clock.run(codeOf(source.issue(ORDER, stop.signal)))).toBe('station.stopped')
  })

  it('the 31st seat is refused at the desk, before the source is asked', async () => {
    const { clock, source, give, lines } = make()
    give()
    const desk = new TokenDesk(clock, new Log(line => { lines.push(line) }, () => clock.now()), source, { seatsMax: 30, stopBeforeEndMs: seconds(20) })
    expect(await codeOf(desk.take({ ...ORDER, seats: 31 }, NEVER))).toBe('wave.full')
    const token = await clock.run(desk.take(ORDER, NEVER))
    expect(Array.from({ length: 31 }, () => desk.giveSeat(token))).toEqual([...Array.from({ length: 30 }, () => true), false])
    expect(lines.map(l => JSON.stringify(l)).filter(text => text.includes(token.token8.reveal()))).toEqual([])
  })
})

describe('a relayed code', () => {
  it('is handed out once; then the next one must be shown on the phone', async () => {
    const { source, give } = overPhone()
    expect(await codeOf(source.issue(ORDER, NEVER))).toBe('relay.next-code')
    give()
    expect(await codeOf(source.issue(ORDER, NEVER))).toBe('none')
    expect(await codeOf(source.issue(ORDER, NEVER))).toBe('relay.next-code')
    give()
    expect(await codeOf(source.issue({ ...ORDER, account: 'other' }, NEVER))).toBe('relay.next-code')
  })

  it('lives four minutes from its scan, and is not begun near its end', async () => {
    const { clock, source, give } = overPhone()
    give()
    const scannedAt = clock.now()
    await clock.advance(minutes(3))
    expect((await source.issue(ORDER, NEVER)).expiresAt).toBe(scannedAt + 240_000)
    give()
    await clock.advance(millis(200_001))
    expect(await codeOf(source.issue(ORDER, NEVER))).toBe('relay.next-code')
  })
})

describe('a partner that works by files', () => {
  it('finds what is wanted, and the token does not stay on the disk', async () => {
    const disk = new VirtualDisk()
    const { clock, source, give } = overFiles(disk)
    give()
    let wanted: unknown = null
    clock.after(seconds(1), () => { wanted = JSON.parse(new TextDecoder().decode(disk.read('exchange/house/wanted/name-1.json') ?? new Uint8Array(0))) })
    const at = clock.now()
    await clock.run(source.issue(ORDER, NEVER))
    expect(wanted).toEqual({ v: 1, account: 'house', product: ORDER.product, method: 'qr', seats: 30, at })
    expect([disk.list('exchange/house/wanted'), disk.list('exchange/house/issued')]).toEqual([[], []])
  })

  it.each([['nothing', undefined], ['a token of another length', { v: 1, token: 'EUshort', lifeSeconds: 300 }], ['another version', { v: 2, token: TOKEN, lifeSeconds: 300 }], ['no life', { v: 1, token: TOKEN }], ['too many seats', { v: 1, token: TOKEN, lifeSeconds: 300, seats: 31 }]])('that gives %s gives no token', async (_words, issued) => {
    const { clock, source, give } = overFiles(new VirtualDisk(), issued)
    if (issued !== undefined) give()
    expect(await clock.run(codeOf(source.issue(ORDER, NEVER)))).toBe('token.none')
  })

  it('whose file others could read is refused', async () => {
    const disk = new VirtualDisk()
    const open: Disk = { read: p => disk.read(p), append: (p, b) => disk.append(p, b), writeAtomic: (p, b) => disk.writeAtomic(p, b), list: p => disk.list(p), remove: p => disk.remove(p), free: () => disk.free(), modeOf: () => 0o644 }
    const { clock, source, give } = overFiles(open)
    give()
    expect(await clock.run(codeOf(source.issue(ORDER, NEVER)))).toBe('token.none')
  })

  it('tells results by the mark of the token; a list that makes no sense is no list', async () => {
    const disk = new VirtualDisk()
    const { clock, source, give } = overFiles(disk)
    give()
    const token = await clock.run(source.issue(ORDER, NEVER))
    const path = `exchange/house/results/${markOfToken(TOKEN)}.json`
    expect(path).not.toContain(token.token8.reveal())
    disk.writeAtomic(path, bytes({ v: 1, rows: [{ ok: true, uuid: 'u1', mac: '02-1E-00-00-00-01' }, { ok: false, deviceId: 'd2', code: '1106', text: 'no' }] }))
    expect(await source.results(token, NEVER)).toMatchObject([{ ok: true, uuid: 'u1', mac: '02:1e:00:00:00:01', code: null }, { ok: false, deviceId: 'd2', code: '1106', text: 'no' }])
    for (const bad of [{ v: 1 }, { v: 1, rows: [{ ok: true }] }, { v: 1, rows: [3] }]) {
      disk.writeAtomic(path, bytes(bad))
      expect(await source.results(token, NEVER)).toBeNull()
    }
    disk.remove(path)
    expect(await source.results(token, NEVER)).toBeNull()
  })
})

it('each account asks its own source', async () => {
  const [phone, files] = [overPhone(), overFiles()]
  phone.give()
  const sources = new SourceSwitch({ openapi: overCloud(false).source, relay: phone.source, file: files.source }, account => account === 'phone' ? 'relay' : 'file')
  expect(sources.id).toBe('virtual')
  expect(await codeOf(sources.issue({ ...ORDER, account: 'phone' }, NEVER))).toBe('relay.next-code') // the code was offered to another account
  files.give()
  const token = await files.clock.run(sources.issue(ORDER, NEVER))
  expect(token.text.reveal()).toBe(TOKEN)
  expect(await sources.results(token, NEVER)).toEqual([])
})
