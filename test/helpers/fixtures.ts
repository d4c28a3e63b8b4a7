/** Canned views for the screens: an empty bench, a busy one, every outcome, a wave with its code up, and hostile text. */
import type { BenchView, DisplayView, FactView, FaultView, JobId, Lamp, NetworkView, Outcome, QrPolicy, Stage, UnitId, UnitView, WaveId, WaveView, Words } from '#shared'

/** A Tuesday morning, UTC. */
export const NOW = Date.UTC(2026, 10, 24, 9, 41, 7)
// Canned names carry the brands of real ones.
const unitId = (text: string): UnitId => text as UnitId // a brand, nothing more
const jobId = (text: string): JobId => text as JobId // a brand, nothing more
const waveId = (text: string): WaveId => text as WaveId // a brand, nothing more

const ago = (s: number): number => NOW - s * 1000

/** In the shape of facts/tuya.md 3.1: 64 bytes, version 4 at level L. */
export const CODE_TEXT = '{"p":"bench-2026!","s":"RETURNS-BENCH","t":"EUAbCdEfGhIjKlMnOpQrStUv"}'
export const HOSTILE = '<img src=x onerror="window.hurt=1">'
const LONG = `${HOSTILE} \u202Egnol yrev ${'very long '.repeat(1000)}`

const named = (en: string, zh: string): Words => ({ en, zh })

const faultOf = (code: FaultView['code'], context: FaultView['context'] = {}): FaultView => ({ code, context })
const PIPS = { link: 'on', lease: 'on', announcement: 'on', cloud: 'off' } as const

export function unitOf(n: number, change: Partial<UnitView> = {}): UnitView {
  return {
    uid: unitId(`unit-${n}`), name: `W-0041${n}`, aliases: [{ kind: 'tag', value: `W-0041${n}` }, { kind: 'mac', value: `68:57:2d:00:00:0${n % 10}` }, { kind: 'uuid', value: `uuidf1b2c3d4e5f6${n}` }],
    product: 'nvr8wired0000001', productName: named('Recorder N8', '录像机 N8'), method: 'wired', lane: null, ip: `10.77.0.${20 + n}`, metAt: ago(90), heardAt: ago(2), readiness: 'ready', pips: PIPS,
    job: jobId(`job-${n}`), stage: 'resetting', stageAt: ago(20), attempt: 1, wave: null, resetDoneAt: null, askedAt: null, provenAt: null, outcome: null, grade: null, fault: null, closedAt: null,
    operator: 'Chen Li', hold: null, light: null, hasJoined: false, prompt: 'none', isIdentified: true, ...change
  }
}

export function closedUnit(n: number, outcome: Outcome, change: Partial<UnitView> = {}): UnitView {
  const isProven = outcome === 'proven'
  return unitOf(n, {
    stage: 'closed', stageAt: ago(12), closedAt: ago(12), outcome, grade: isProven ? 'A' : null, resetDoneAt: ago(70), askedAt: ago(50), provenAt: isProven ? ago(13) : null,
    pips: { link: 'on', lease: 'on', announcement: 'on', cloud: isProven ? 'on' : 'off' }, prompt: isProven ? 'take-out' : 'set-aside', ...change
  })
}

const lamp = (name: Lamp['name'], change: Partial<Lamp> = {}): Lamp => ({ name, state: 'ok', fault: null, value: null, ...change })
const LAMPS = [lamp('cloud'), lamp('card'), lamp('guard'), lamp('clock'), lamp('sync'), lamp('scanner'), lamp('display')]
const queueOf = (queue: Partial<Record<Stage, number>>): BenchView['queue'] => ({ queued: 0, resetting: 0, ready: 0, asked: 0, proving: 0, closed: 0, ...queue })

function benchOf(change: Partial<BenchView> = {}): BenchView {
  return {
    version: 1, clock: { now: NOW, rate: 1 }, mode: 'live', station: 'Bench 1', rack: 'rack-1', operator: 'Chen Li', here: { operator: { badge: 'Chen Li', name: 'Chen Li', role: 'operator', language: null }, raised: null, hasAdmin: true }, lanes: 8, waiting: 0, units: [], verdict: null, waves: [], queue: queueOf({}),
    quota: [
      { scope: 'account', key: 'house', name: named('house', 'house'), cap: 100, spent: 34, reserved: 5, goneAt: NOW + 7_140_000 },
      { scope: 'product', key: 'bs1wired00000001', name: named('Base station B1', '基站 B1'), cap: 100, spent: 3, reserved: 0 },
      { scope: 'product', key: 'nvr8wired0000001', name: named('Recorder N8', '录像机 N8'), cap: 100, spent: 21, reserved: 4 },
      { scope: 'product', key: 'cam2qr0000000001', name: named('Camera C2', '摄像机 C2'), cap: 100, spent: 100, reserved: 0 }
    ],
    lamps: LAMPS, shift: { released: 0, closed: 0, perHour: 0, firstPass: 0 }, scan: null, wifi: [{ ssid: 'RETURNS-BENCH', bytes: 60, version: 4, odd: [], isPasswordOdd: false, state: 'joined', isNext: true }],
    optics: { panelInches: 43, distanceM: 1.2, cameraWidth: 640, fovDegrees: 100 }, ...change
  }
}

/** A working morning: eight lanes, each at another place of the street. */
function busy(): BenchView {
  const proven = closedUnit(6, 'proven', { lane: 6, productName: named('Gateway G3', '网关 G3') })
  return benchOf({
    units: [
      unitOf(1, { lane: 1, stage: 'resetting', prompt: 'press-reset', stageAt: ago(14) }),
      unitOf(2, { lane: 2, stage: 'ready', resetDoneAt: ago(9), stageAt: ago(9), prompt: 'wait', productName: named('Base station B1', '基站 B1') }),
      unitOf(3, { lane: 3, stage: 'asked', resetDoneAt: ago(40), askedAt: ago(11), stageAt: ago(11), attempt: 2, prompt: 'wait' }),
      unitOf(4, { lane: 4, stage: 'proving', resetDoneAt: ago(75), askedAt: ago(33), stageAt: ago(31), pips: { link: 'on', lease: 'on', announcement: 'gone', cloud: 'off' }, prompt: 'wait', productName: named('Recorder D4', '录像机 D4') }),
      unitOf(5, { lane: 5, stage: null, job: null, stageAt: null, productName: null, product: null, readiness: null, pips: { link: 'on', lease: 'off', announcement: 'off', cloud: 'off' }, prompt: 'wait', name: '2d:00:05', isIdentified: false, metAt: ago(21) }),
      proven,
      closedUnit(7, 'unproven', { lane: 7, fault: faultOf('unit.stuck-activating'), attempt: 2 }),
      unitOf(9, { stage: 'queued', stageAt: ago(130), prompt: 'plug-in-again', heardAt: ago(130), metAt: ago(140), pips: { link: 'gone', lease: 'gone', announcement: 'gone', cloud: 'off' } })
    ],
    verdict: proven, queue: queueOf({ queued: 3, resetting: 1, ready: 1, asked: 1, proving: 1, closed: 41 }), shift: { released: 38, closed: 41, perHour: 36.4, firstPass: 0.93 },
    scan: { text: 'W-00419', at: ago(6), fault: null }
  })
}

const FAILED = {
  proven: closedUnit(1, 'proven', { lane: 1, grade: 'B' }),
  refused: closedUnit(2, 'refused', { lane: 2, fault: faultOf('cloud.no-permission', { code: 1106, tid: '3f7c9b0a1d2e' }) }),
  unproven: closedUnit(3, 'unproven', { lane: 3, fault: faultOf('unit.silent'), pips: { link: 'gone', lease: 'gone', announcement: 'gone', cloud: 'off' } }),
  broken: closedUnit(4, 'broken', { lane: 4, fault: faultOf('cloud.unreachable', { afterMs: 15_000 }), prompt: 'plug-in-again' }),
  withdrawn: closedUnit(5, 'withdrawn', { lane: 5, fault: faultOf('unit.removed'), askedAt: null, prompt: 'plug-in-again', pips: { link: 'gone', lease: 'gone', announcement: 'gone', cloud: 'off' } })
} as const satisfies Record<Outcome, UnitView>

/** Every outcome on a lane of its own, the asked one in the banner, and lamps that are not green. */
function outcomes(shown: Outcome): BenchView {
  return benchOf({
    units: [
      ...Object.values(FAILED), unitOf(6, { lane: 6, heardAt: ago(80), stage: 'proving', stageAt: ago(95), resetDoneAt: ago(160), askedAt: ago(120), prompt: 'wait' }),
      unitOf(7, { lane: 7, hold: { owner: 'Chen Li', reason: 'swapped label', at: ago(600) }, prompt: 'set-aside', fault: faultOf('unit.held') })
    ],
    verdict: FAILED[shown], queue: queueOf({ proving: 1, closed: 9 }), shift: { released: 4, closed: 9, perHour: 18, firstPass: 0.44 },
    lamps: [lamp('cloud', { state: 'bad', fault: faultOf('cloud.unreachable') }), lamp('card'), lamp('guard', { state: 'warn', fault: faultOf('net.foreign-dhcp') }), lamp('clock'), lamp('sync', { state: 'warn', fault: faultOf('sync.unreachable'), value: 212 }), lamp('scanner', { state: 'off' }), lamp('display')],
    scan: { text: 'CM:DANCE', at: ago(3), fault: faultOf('scan.unknown-command') }
  })
}

export const WAVE: WaveView = {
  uid: waveId('wave-1'), rack: 'rack-1', product: 'cam2qr0000000001', productName: named('Camera C2', '摄像机 C2'), account: 'house', centre: 'EU', ssid: 'RETURNS-BENCH', state: 'showing', units: [], planned: 30, joined: 17, told: { network: 17, cloud: 13, hands: 9 }, proven: 11, failed: 2, open: 17, named: 30, nameless: 0, uninvited: [],
  openedAt: ago(80), shownAt: ago(60), expiresAt: NOW + 214_000, stopReason: null
}

/** A wave that is over: leftovers with and without a stated lamp, one of them uninvited, labels that do not tie. */
function leftovers(): BenchView {
  const units = Array.from({ length: 8 }, (_, i) => {
    const common = { name: `CAM-${300 + i}`, product: WAVE.product, productName: WAVE.productName, method: 'qr', wave: WAVE.uid, ip: null } as const
    if (i < 4) return closedUnit(100 + i, 'proven', { ...common, grade: 'A', hasJoined: true, sources: { network: true, cloud: true, hands: i < 2 } })
    if (i === 4) return closedUnit(100 + i, 'unproven', { ...common, fault: faultOf('wifi.wrong'), light: 'green-blinking', grade: 'C' })
    return closedUnit(100 + i, 'unproven', { ...common, fault: faultOf(i === 5 ? 'wave.not-named' : 'unit.not-seen-reading') })
  })
  const past: WaveView = { ...WAVE, state: 'closed', stopReason: 'uninvited', units: units.slice(0, 7).map(u => u.uid), uninvited: units.slice(7).map(u => u.uid), planned: 7, joined: 4, told: { network: 4, cloud: 4, hands: 5 }, proven: 4, failed: 3, open: 0, named: 6, nameless: 1 }
  return {
    ...busy(), units, waves: [past], waiting: 3,
    wifi: [{ ssid: 'RETURNS, BENCH:1', bytes: 88, version: 5, odd: [',', ':'], isPasswordOdd: true, state: 'joined', isNext: true }, { ssid: 'RETURNS-2', bytes: 52, version: 3, odd: [], isPasswordOdd: false, state: 'failed', isNext: false }]
  }
}

/** A wave of thirty cameras beside wired work, in training. */
function wave(): BenchView {
  const cameras = Array.from({ length: 30 }, (_, i) => {
    const common = { name: `CAM-${300 + i}`, product: WAVE.product, productName: WAVE.productName, method: 'qr', wave: WAVE.uid, ip: null } as const
    if (i < 11) return closedUnit(100 + i, 'proven', { ...common, grade: 'B' })
    if (i < 13) return closedUnit(100 + i, 'refused', { ...common, fault: faultOf('unit.refused') })
    return unitOf(100 + i, { ...common, stage: i < 17 ? 'proving' : 'ready', prompt: 'show-code', resetDoneAt: ago(100) })
  })
  return { ...busy(), mode: 'training', units: [...busy().units.filter(u => u.lane !== null && u.lane < 5), ...cameras], waves: [{ ...WAVE, units: cameras.map(c => c.uid) }] }
}

function hostile(): BenchView {
  const text = { name: HOSTILE, productName: named(LONG, LONG), operator: HOSTILE }
  const unit = closedUnit(1, 'refused', { ...text, lane: 1, aliases: [{ kind: 'tag', value: HOSTILE.repeat(20) }], fault: faultOf('cloud.unknown-code', { text: HOSTILE, code: -1 }) })
  return benchOf({
    station: HOSTILE, rack: HOSTILE, operator: HOSTILE, verdict: unit,
    units: [unit, unitOf(2, { ...text, lane: 2, name: '=cmd|calc!A0'.repeat(80) }), unitOf(3, { ...text, lane: null })],
    waves: [{ ...WAVE, productName: text.productName }], scan: { text: HOSTILE, at: ago(1), fault: null }
  })
}

/** Forty-eight lanes, as many as are printed. */
function full(): BenchView {
  const units = Array.from({ length: 48 }, (_, i) => {
    const lane = i + 1
    if (i % 6 === 0) return closedUnit(200 + i, 'proven', { lane })
    if (i % 6 === 1) return closedUnit(200 + i, 'refused', { lane, fault: faultOf('unit.refused') })
    return unitOf(200 + i, { lane, stage: i % 6 === 2 ? 'asked' : 'resetting', prompt: i % 6 === 3 ? 'press-reset' : 'wait' })
  })
  return { ...busy(), lanes: 48, units }
}

/** A unit was just scanned: new, or back again; the lead was called; lanes as on a switch with two rows. */
function scanned(note: 'new' | 'returned'): BenchView {
  const unit = unitOf(9, note === 'new' ? { stage: null, job: null, stageAt: null, attempt: 0, productName: null, product: null, pips: { link: 'off', lease: 'off', announcement: 'off', cloud: 'off' }, readiness: null, metAt: ago(2), heardAt: ago(2) } : { outcome: 'unproven', stage: 'closed', fault: faultOf('unit.silent'), stay: 3, closedAt: ago(90_000) })
  return { ...busy(), units: [...busy().units.filter(u => u.uid !== unit.uid), unit], scan: { text: unit.name, at: ago(2), fault: null, heard: 'unit', note, unit } }
}

export const BENCH = { scanned: scanned('new'), returned: scanned('returned'), called: { ...busy(), call: { at: ago(75), by: 'Chen Li' } }, pairs: { ...busy(), layout: [[1, 3, 5, 7], [2, 4, 6, 8]] }, empty: benchOf(), busy: busy(), proven: outcomes('proven'), refused: outcomes('refused'), unproven: outcomes('unproven'), broken: outcomes('broken'), withdrawn: outcomes('withdrawn'), wave: wave(), leftovers: leftovers(), hostile: hostile(), full: full() } as const satisfies Record<string, BenchView>

export const POLICY: QrPolicy = { level: 'L', margin: 2, gainPercent: 15, copies: true, cycle: 'six', stepMs: 1200, tiles: false }

export function displayOf(change: Partial<DisplayView> = {}): DisplayView {
  return { version: 1, clock: { now: NOW, rate: 1 }, mode: 'live', rack: 'rack-1', policy: POLICY, wave: WAVE, code: CODE_TEXT, ...change }
}

export const NETWORK: NetworkView = {
  clock: { now: NOW, rate: 1 }, card: { name: 'enx00e04c680001', mac: '00:e0:4c:68:00:01', address: '10.77.0.1/24', up: true, binding: 'device' },
  dhcp: { state: 'foreign', fault: faultOf('net.foreign-dhcp', { server: '192.168.1.1' }), poolSize: 200, poolUsed: 7, counters: { heard: 97, 'sent.offer': 40, 'sent.ack': 39, 'sent.nak': 1, 'guard.foreign': 1, 'ignored.not-serving': 12, 'ignored.foreign-server': 3, 'ignored.malformed': 1, 'release': 2 } },
  lan: { listening: [6666, 6667, 7000], counters: { heard6666: 0, heard6667: 1204, heard7000: 31, malformed: 3, outside: 0, asked: 88, unleased: 5, dropped: 0 }, fault: null },
  wayOut: { state: 'closed', way: 'station', checkedAt: ago(20), fault: faultOf('net.no-way-out', { failed: 'NTP', why: 'pool.ntp.org: no answer', type: 'sudo unbindery bench-net up' }), steps: [{ name: 'forwarding', isOk: true, text: 'enx00e04c680001 forwards, eth0 forwards' }, { name: 'DNS', isOk: true, text: '10.77.0.1 answers' }, { name: 'NTP', isOk: false, text: 'pool.ntp.org: no answer' }] },
  leases: Array.from({ length: 12 }, (_, i) => ({ ip: `10.77.0.${20 + i}`, mac: `68:57:2d:00:00:${String(10 + i)}`, hostName: i === 3 ? HOSTILE : 'lwip0', vendorClass: i % 2 ? 'udhcp 1.36' : null, since: ago(300 - i), until: NOW + 600_000, state: i === 5 ? 'released' : 'bound' }))
}

/** Seven pages of fifty, newest first, as the door gives them. */
export const FACTS: readonly FactView[] = Array.from({ length: 320 }, (_, i) => ({
  seq: 320 - i, at: ago(i * 7), kind: ['unit.met', 'job.opened', 'stage.reached', 'token.asked', 'job.closed'][i % 5] ?? '', unit: unitId(`unit-${i % 9}`), job: null, body: { stage: 'asked', text: i === 2 ? HOSTILE : 'ok', n: i }
}))
