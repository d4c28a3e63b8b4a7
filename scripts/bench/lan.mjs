/**
 * `npm run bench -- lan [--brief] [--only decode|crowd|tokens]`: the three figures of the LAN: a crowd that announces itself to a whole station, frames decoded
 * beside the npm package tuyapi, and how fast a token leaves once a unit has spoken. Needs the ports 6666, 6667 and 7000 free.
 */
import { fork, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Log, Secret } from '../../src/main/bench/log.ts'
import { loadConfig } from '../../src/main/config.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveNet } from '../../src/main/live/net.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { createStation } from '../../src/main/station.ts'
import { VIRTUAL_ACCOUNT, VirtualCloud } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { VirtualDisk } from '../../src/main/virtual/disk.ts'
import { VirtualProc } from '../../src/main/virtual/proc.ts'
import { VirtualScreens } from '../../src/main/virtual/screens.ts'
import { VirtualSecrets } from '../../src/main/virtual/secrets.ts'
import { VirtualSerial } from '../../src/main/virtual/serial.ts'
import { VirtualWeb } from '../../src/main/virtual/web.ts'
import { decodeDatagram } from '../../src/main/wire/announcement.ts'
import { clientPacket, decode, encode, messageType, serverId, addressBytes, macOf } from '../../src/main/wire/dhcp.ts'
import { MESSAGE, OPTION } from '../../src/main/wire/dhcp-options.ts'
import { V1, V2, V4, bytesOf } from '../../test/golden/lan.ts'

const PEERS = join(import.meta.dirname, '..', '..', 'bench', 'peers')
const wait = (/** @type {number} */ ms) => new Promise(r => { setTimeout(r, ms) })
const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`)
const quantile = (/** @type {number[]} */ list, /** @type {number} */ q) => list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? Number.NaN

/** @param {readonly string[]} words */
export async function main(words) {
  const isBrief = words.includes('--brief')
  const only = words[words.indexOf('--only') + 1] ?? ''
  const isWanted = (/** @type {string} */ name) => !words.includes('--only') || only === name
  if (isWanted('decode')) decodeBeside(isBrief ? 20_000 : 100_000)
  if (isWanted('crowd')) await crowd(250, isBrief ? 12_000 : 40_000)
  if (isWanted('tokens')) for (let round = 0; round < (isBrief ? 1 : 5); round += 1) await tokens(48)
}

/** Figure 2. Each frame whole, from bytes to checked JSON; both in turns, best of five. @param {number} rounds */
function decodeBeside(rounds) {
  if (!existsSync(join(PEERS, 'node_modules', 'tuyapi'))) execFileSync('npm', ['ci'], { cwd: PEERS, stdio: 'inherit' })
  const require = createRequire(join(PEERS, 'package.json'))
  const { MessageParser } = require(join(PEERS, 'node_modules', 'tuyapi', 'lib', 'message-parser.js'))
  const { UDP_KEY } = require(join(PEERS, 'node_modules', 'tuyapi', 'lib', 'config.js'))
  for (const [name, vector, port, version] of /** @type {const} */ ([['plain 3.1', V1, 6666, '3.1'], ['ECB 3.3', V2, 6667, '3.3'], ['GCM 3.5', V4, 7000, '3.5']])) {
    const bytes = Buffer.from(bytesOf(vector.frame))
    const parser = new MessageParser({ key: UDP_KEY, version })
    const theirs = () => parser.parse(bytes)
    const [first] = theirs()
    const isRead = typeof first?.payload === 'object' && first.payload.productKey !== undefined
    const [ours = 0, peer = 0] = rates([() => decodeDatagram(bytes, port), theirs], rounds)
    say(`decode ${name}: ours ${Math.round(ours / 1000)}k/s, tuyapi ${Math.round(peer / 1000)}k/s${isRead ? '' : ' (it does not read this frame whole)'}, ratio ${(ours / peer).toFixed(1)}`)
  }
}

/** Calls a second, best of five turns; all take turns, so that a busy machine is busy for all. @param {readonly (() => void)[]} works @param {number} rounds */
function rates(works, rounds) {
  const best = works.map(() => 0)
  for (let turn = 0; turn < 5; turn += 1) {
    for (const [n, work] of works.entries()) {
      const start = performance.now()
      for (let i = 0; i < rounds / 5; i += 1) work()
      best[n] = Math.max(best[n] ?? 0, rounds / 5 / (performance.now() - start) * 1000)
    }
  }
  return best
}

/** Figure 1. @param {number} units @param {number} ms */
async function crowd(units, ms) {
  await using floor = await openFloor(units, 'scanned')
  /** @type {Map<string, number>} */
  const listedAt = new Map()
  floor.station.ledger.on(facts => { for (const f of facts) if (f.body.kind === 'unit.named' && f.body.alias.kind === 'uuid') listedAt.set(f.body.alias.value, Date.now()) })
  const first = new Map()
  floor.child.on('message', (/** @type {{ first?: number, at: number }} */ told) => { if (told.first !== undefined) first.set(told.first, told.at) })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  floor.child.send({ start: true, isTaking: false })
  await wait(ms)
  const used = process.cpuUsage(cpu)
  const share = (used.user + used.system) / 1000 / (performance.now() - start)
  delay.disable()
  await wait(500)
  const ages = Array.from(first, ([n, at]) => (listedAt.get(`uuidbench${String(n).padStart(11, '0')}`) ?? Infinity) - at)
  const { counters } = (await floor.ask('network.view')).lan
  say(`crowd of ${units}: ${listedAt.size} listed, slowest ${Math.max(...ages)} ms after its first datagram (p95 ${quantile(ages, 0.95)} ms), event loop delay p99 ${(delay.percentile(99) / 1e6 - 1).toFixed(1)} ms over the timer's own 1 ms, ${(share * 100).toFixed(1)} % of a core; heard ${counters.heard6667} announcements, ${counters.heard7000} answers`)
}

/** Figure 3: from the first datagram to the token in the unit's hands, without the second the protocol wants. @param {number} units */
async function tokens(units) {
  await using floor = await openFloor(units, 'all')
  const [first, took] = [new Map(), new Map()]
  floor.child.on('message', (/** @type {{ first?: number, token?: number, at: number }} */ told) => {
    if (told.first !== undefined) first.set(told.first, told.at)
    if (told.token !== undefined && !took.has(told.token)) took.set(told.token, told.at)
  })
  let lookedAt = 0
  using _screen = floor.station.gate.follow(() => { lookedAt += 1 }, ['bench.changed', 'display.changed'])
  floor.child.send({ start: true, isTaking: true })
  for (let i = 0; i < 200 && took.size < units; i += 1) await wait(100)
  const shares = Array.from(took, ([n, at]) => at - (first.get(n) ?? 0) - 1000)
  const cloud = floor.asking.map(([from, to]) => to - from)
  say(`hand-over, ${units} at once: ${took.size} took the token; from its first datagram, without the protocol's second: p50 ${quantile(shares, 0.5)} ms, p95 ${quantile(shares, 0.95)} ms, worst ${Math.max(...shares)} ms; the cloud took ${cloud.join(' and ')} ms for ${cloud.length} tokens, nothing is taken off for it; ${lookedAt} changes told to a screen`)
}

/** A whole station on loopback: real UDP, TCP, timers and ledger file; the cloud in memory, leases by packets put into its hands. */
async function openFloor(units, take) {
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-lan-'))
  mkdirSync(join(folder, 'live'))
  const clock = new LiveClock()
  const entropy = new LiveEntropy()
  const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy(1), accounts: [{ ...VIRTUAL_ACCOUNT, products: ['gw3wired00000001'] }] })
  const net = new LoopbackNet(new LiveNet())
  const web = new VirtualWeb(clock, cloud)
  /** When tokens were asked for, and answered. @type {[number, number][]} */
  const asking = []
  const request = async (/** @type {any} */ order, /** @type {AbortSignal} */ signal) => {
    const from = Date.now()
    const answer = await web.request(order, signal)
    if (order.method === 'POST' && order.url.endsWith('/device-registration/token')) asking.push([from, Date.now()])
    return answer
  }
  const as = (/** @type {any} */ port, /** @type {Record<string, unknown>} */ own) => new Proxy(port, { get: (t, k) => k in own ? own[k] : typeof t[k] === 'function' ? t[k].bind(t) : t[k] })
  const config = loadConfig({ file: null, text: null, env: {}, flags: {
    'mode': 'live', 'bench.card': 'lo', 'bench.address': '127.0.0.1/16', 'dhcp.poolStart': '127.0.0.20', 'dhcp.poolEnd': '127.0.3.250', 'dhcp.probeSeconds': '1', 'lan.take': take, 'wayOut.check': 'off', 'job.firstAlone': 'off',
    'quota.accountPerDay': '1000', 'quota.productPerDay': '1000'
  } })
  const lines = []
  const { id, clientId, secret, assetId, region } = VIRTUAL_ACCOUNT
  const station = await createStation({
    clock, entropy, net, web: as(web, { world: 'live', request }), serial: as(new VirtualSerial(clock), { world: 'live' }), sql: new LiveSql(), disk: new VirtualDisk(), proc: new VirtualProc(),
    secrets: new VirtualSecrets(), screens: new VirtualScreens(), switch: null
  }, config, {
    dataDir: folder, log: new Log(line => { if (lines.length < 1000) lines.push(line) }, () => clock.now()), version: 'bench',
    access: { accounts: [{ id, clientId, secret: new Secret(secret), assetId, region, baseUrl: 'https://openapi.virtual', products: [], source: 'openapi', release: 'none' }], wifi: [], recipeSecrets: {}, centralUrl: '' }
  })
  const ask = async (/** @type {string} */ name) => {
    const answer = await station.gate.ask(name, {}, { host: 'local' })
    if (!answer.ok) throw new Error(answer.fault.code)
    return answer.value
  }
  const child = fork(join(import.meta.dirname, '..', 'peers', 'lan-units.mjs'))
  const close = async () => {
    child.disconnect()
    await station.close()
    cloud[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (let i = 0; i < 100 && (await ask('network.view')).dhcp.state !== 'serving'; i += 1) await wait(100)
    const places = []
    for (let n = 1; n <= units; n += 1) places.push({ n, ip: await net.lease(n) })
    await wait(3000) // leases are written, the account is tested
    child.send({ places, isTaking: false })
    await wait(500)
    return { station, child, ask, lines, asking, [Symbol.asyncDispose]: close }
  } catch (thrown) {
    await close()
    for (const line of lines.slice(-5)) say(JSON.stringify(line))
    throw thrown
  }
}

/** Loopback as a bench card; the DHCP ports are not opened but held in hand. */
class LoopbackNet {
  world = 'live'
  #real
  /** @type {Map<number, { fns: Set<Function>, sent: Uint8Array[] }>} */
  #held = new Map()
  /** @param {LiveNet} real */
  constructor(real) { this.#real = real }
  interfaces() { return [{ name: 'lo', index: 1, mac: '02:00:00:00:00:01', up: true, hasLink: true, hasDefaultRoute: false, addresses: [{ address: '127.0.0.1', prefix: 16 }] }] }
  neighbours() { return new Map() }
  tcp(options, signal) { return this.#real.tcp(options, signal) }
  listen(options, accept) { return this.#real.listen(options, accept) }
  async udp(options) {
    if (options.port >= 6666) return this.#real.udp({ ...options, allow: [{ address: '127.0.0.0', prefix: 8 }] })
    const held = { fns: new Set(), sent: [] }
    this.#held.set(options.port, held)
    return {
      port: options.port, binding: 'device', counters: { sent: 0, heard: 0, failed: 0 },
      send: bytes => { held.sent.push(bytes) },
      on: fn => { held.fns.add(fn); return { [Symbol.dispose]: () => { held.fns.delete(fn) } } },
      [Symbol.dispose]: () => undefined
    }
  }

  /** One unit's DISCOVER and REQUEST. @param {number} n */
  async lease(n) {
    const mac = `02:be:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`
    const offer = await this.#exchange(clientPacket({ type: MESSAGE.discover, mac, xid: n }), mac)
    const named = serverId(offer)
    const ack = await this.#exchange(clientPacket({
      type: MESSAGE.request, mac, xid: n, options: new Map([[OPTION.requestedAddress, addressBytes(offer.yiaddr)], [OPTION.serverId, addressBytes(named)]])
    }), mac)
    return ack.yiaddr
  }

  async #exchange(packet, mac) {
    const server = this.#held.get(67)
    if (!server) throw new Error('no DHCP server')
    for (let i = 0; i < 100; i += 1) {
      server.sent.length = 0
      if (i % 20 === 0) for (const fn of server.fns) fn(encode(packet), { address: '0.0.0.0', port: 68 })
      await wait(2)
      const found = server.sent.map(b => decode(b)).find(p => p.op === 2 && macOf(p) === mac && [MESSAGE.offer, MESSAGE.ack].includes(messageType(p)))
      if (found) return found
    }
    throw new Error(`no answer for ${mac}`)
  }
}
