/**
 * A row of the cloud's list that comes late is proof for the job that was asked with its token, and for no other: no unit is
 * paid for twice because this computer was off, or because somebody asked again before the row was there.
 */
import { describe, expect, it } from 'vitest'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import type { Ports, Web, WebAnswer, WebRequest } from '../../src/main/ports.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openFloor, type LanFloor } from '../helpers/lan-floor.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const CAMERA = 'cam2qr0000000001'
const LABEL = `CAM-L;PID:${CAMERA};UUID:late-uuid-1`
const HIDDEN = 3_600_000

/** The camera reads the code: the cloud knows it at once, the bench only when the list says so. */
async function activate(bench: TestBench, unit: { readonly uuid: string; readonly mac: string; readonly productKey: string }, token: string): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify({ ...unit, token }))
  await bench.run(bench.world.cloud.handle({ method: 'POST', path: '/device/activate', headers: {}, body }))
}

/** Starts a wave of the one camera and gives the token of its code. */
async function show(bench: TestBench): Promise<{ readonly wave: string; readonly token: string }> {
  await bench.ask('scan', { text: LABEL })
  const { uid } = await bench.ask('wave.start', {})
  await bench.sleep(5000)
  const { code } = await bench.ask('display.view', {})
  return { wave: uid, token: String((JSON.parse(code ?? '{}') as { t?: string }).t) } // what a camera reads
}

const LATE = { uuid: 'late-uuid-1', mac: '02:1e:00:00:99:01', productKey: CAMERA }
const jobs = (bench: TestBench) => bench.ledger.db.all<{ uid: string }>('SELECT text AS uid FROM job JOIN id USING (n) ORDER BY n').map(({ uid }) => bench.ledger.job(uid as Parameters<typeof bench.ledger.job>[0])) // its own column
const story = (bench: TestBench): string[] => jobs(bench).map(j => `${j?.outcome} ${j === null ? '' : bench.ledger.seatOf(j.uid)}`)
const asks = (bench: TestBench): number => bench.ledger.factsAfter(0, 100_000).filter(f => f.body.kind === 'unbind.asked').length

/** One seat for one release, and the unit's last word is that it is released. */
async function expectPaidOnce(bench: TestBench, text: string): Promise<void> {
  expect(bench.world.cloud.effects).toHaveLength(1)
  expect(bench.ledger.quotaUse('account', VIRTUAL_ACCOUNT.id, 0)).toEqual({ spent: 1, reserved: 0 })
  expect((await bench.ask('units.find', { text }))[0]).toMatchObject({ outcome: 'proven' })
  expect(findViolations(bench)).toEqual([])
}

describe('a unit asked for a second time before the row of the first is there', () => {
  it('is proven by the first job; the second one, whose own list leaves it out, gets its seat back', async () => {
    await using bench = await openBench({ seed: 7 })
    await bench.sleep(3000)
    bench.world.cloud.register(LATE)
    bench.world.cloud.setFaults({ slowResultMs: HIDDEN })
    const first = await show(bench)
    await activate(bench, LATE, first.token)
    await bench.ask('wave.stop', { wave: first.wave })
    await bench.sleep(400_000)
    expect(story(bench)).toEqual(['unproven spent'])
    const second = await show(bench)
    expect(second.token).not.toBe(first.token)
    bench.world.cloud.setFaults({ slowResultMs: 0 })
    await bench.sleep(10_000)
    expect(asks(bench)).toBe(2)
    await bench.ask('wave.stop', { wave: second.wave })
    await bench.sleep(400_000)
    expect(story(bench)).toEqual(['proven spent', 'unproven spent'])
    await bench.sleep(2_400_000)
    expect(story(bench)).toEqual(['proven spent', 'unproven returned'])
    await expectPaidOnce(bench, 'late-uuid-1')
  })
})

/** Keeps the tokens the cloud has issued, as a unit is handed them. */
class Tapped implements Web {
  readonly world = 'virtual'
  readonly tokens: string[] = []
  readonly #inner: Web
  constructor(inner: Web) { this.#inner = inner }
  async request(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
    const answer = await this.#inner.request(request, signal)
    if (request.url.includes('device-registration/token') && request.method === 'POST') {
      const { result } = JSON.parse(new TextDecoder().decode(answer.body)) as { result?: { region: string; token: string; secret: string } } // the virtual cloud's own shape
      if (result !== undefined) this.tokens.push(result.region + result.token + result.secret)
    }
    return answer
  }
}

/** A wired unit that was handed its token and released; nobody has seen it restart, and the list hides it. */
async function releasedUnseen(floor: LanFloor, web: Tapped): Promise<void> {
  const { bench } = floor
  const unit = floor.unit(1)
  bench.world.cloud.setFaults({ slowResultMs: HIDDEN, outage: ['device'] })
  await floor.ready(unit)
  await floor.bench.sleep(10_000)
  expect(asks(bench)).toBe(1)
  unit.unplug()
  bench.world.cloud.setFaults({ outage: [] })
  const { uuid, mac, productKey } = unit.profile
  await activate(bench, { uuid, mac, productKey }, web.tokens[0] ?? '')
  bench.world.cloud.setFaults({ outage: ['device'] })
}

async function openTapped(): Promise<{ readonly floor: LanFloor; readonly web: Tapped }> {
  let web: Tapped | null = null
  const ports = (real: Ports): Ports => {
    web = new Tapped(real.web)
    return { ...real, web }
  }
  const floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' }, ports })
  if (web === null) throw new Error('the station has no web')
  return { floor, web }
}

it('whose deadline passed while the station was off is judged after the cloud was asked, not before', async () => {
  const { floor, web } = await openTapped()
  await using _floor = floor
  const { bench } = floor
  await releasedUnseen(floor, web)
  await bench.run(bench.station.close())
  await bench.sleep(1_200_000)
  bench.world.cloud.setFaults({ slowResultMs: 0 })
  await bench.open()
  await bench.sleep(120_000)
  const closed = bench.ledger.factsAfter(0, 100_000).flatMap(f => f.body.kind === 'job.closed' ? [f.body.outcome] : [])
  expect(closed).toEqual(['proven'])
  await expectPaidOnce(bench, floor.unit(1).profile.mac)
})

it('whose late result comes after a restart is raised: the station goes on asking where it stopped', async () => {
  const { floor, web } = await openTapped()
  await using _floor = floor
  const { bench } = floor
  await releasedUnseen(floor, web)
  await bench.sleep(400_000)
  expect(story(bench)).toEqual(['unproven spent'])
  await bench.run(bench.station.close())
  bench.world.cloud.setFaults({ slowResultMs: 0 })
  await bench.open()
  await bench.sleep(20_000)
  expect(story(bench)).toEqual(['proven spent'])
  await expectPaidOnce(bench, floor.unit(1).profile.mac)
})

it('whose result comes while the next job waits for its token is not asked again: that job is taken back with its seat', async () => {
  const { floor, web } = await openTapped()
  await using _floor = floor
  const { bench } = floor
  const unit = floor.unit(1)
  await releasedUnseen(floor, web)
  await bench.sleep(400_000)
  bench.world.cloud.setFaults({ refuseIssue: { [unit.profile.productKey]: 1110 } })
  const [{ uid } = { uid: '' }] = await bench.ask('units.find', { text: unit.profile.mac })
  await bench.ask('unit.again', { unit: uid })
  await floor.ready(unit)
  expect(story(bench)).toEqual(['unproven spent', 'null reserved'])
  bench.world.cloud.setFaults({ slowResultMs: 0 })
  await bench.sleep(10_000)
  bench.world.cloud.setFaults({ refuseIssue: {} })
  await bench.sleep(60_000)
  expect(asks(bench)).toBe(1)
  expect(story(bench)).toEqual(['proven spent', 'withdrawn returned'])
  expect(bench.ledger.factsAfter(0, 100_000).some(f => f.body.kind === 'unit.left')).toBe(false)
  await expectPaidOnce(bench, unit.profile.mac)
})

it('asked a second time with the same token has one row for both asks, and so one seat', async () => {
  const { floor, web } = await openTapped()
  await using _floor = floor
  const { bench } = floor
  const unit = floor.unit(1)
  bench.world.cloud.setFaults({ outage: ['device'] })
  await floor.ready(unit)
  await bench.sleep(120_000)
  expect(story(bench)).toEqual(['unproven spent'])
  const [{ uid } = { uid: '' }] = await bench.ask('units.find', { text: unit.profile.mac })
  await bench.ask('unit.again', { unit: uid })
  unit.pressReset()
  await bench.sleep(45_000)
  expect(asks(bench)).toBe(2)
  expect(web.tokens).toHaveLength(1)
  unit.unplug()
  bench.world.cloud.setFaults({ outage: [] })
  const { uuid, mac, productKey } = unit.profile
  await activate(bench, { uuid, mac, productKey }, web.tokens[0] ?? '')
  await bench.sleep(300_000)
  expect(story(bench)).toEqual(['unproven spent', 'proven spent'])
  await bench.sleep(1_800_000)
  expect(story(bench)).toEqual(['unproven returned', 'proven spent'])
  await expectPaidOnce(bench, mac)
})
