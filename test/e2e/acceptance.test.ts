/** The ten acceptance checks of the sheet (design/operator.md 5.8), each under its own number, on a whole station; the second half of the fifth, two benches, and the eighth, three days long, have files of their own; the ninth, every step by scan cards alone, is the whole shift of shift-scans.test.ts too. */
import { describe, expect, test } from 'vitest'
import { DECKS, hours, seconds, type UnitView } from '#shared'
import { cardsOf } from '../../src/main/bench/paper/card-words.ts'
import { Fault } from '../../src/main/domain/fault.ts'
import { VirtualOperator, type OperatorOptions } from '../../src/main/virtual/operator.ts'
import { CHROMIUM, scan } from '../helpers/browser.ts'
import { BENCH, NOW } from '../helpers/fixtures.ts'
import { openFloor } from '../helpers/lan-floor.ts'
import { NO_BROWSER, useScreens } from '../helpers/screens.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const FOREVER = new AbortController().signal
const operatorOf = (bench: TestBench, options: OperatorOptions = {}): VirtualOperator => new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'http' }) }, options)
const shift = async (bench: TestBench): Promise<readonly UnitView[]> => {
  await bench.run(operatorOf(bench).run(FOREVER))
  await bench.sleep(seconds(5))
  return bench.ask('units.find', { limit: 1000 })
}

test('1. a camera that never saw the code is not shown as proven, whatever its lamp blinks', async () => {
  await using bench = await openBench({ seed: 7, cameras: 3, cameraFaults: { 2: 'never-sees-code' } })
  const units = await shift(bench)
  const blind = units.find(u => u.aliases.some(a => a.value === bench.world.cameras[1]?.profile.label.toUpperCase()) || u.name === bench.world.cameras[1]?.profile.tag)
  expect(blind).toMatchObject({ outcome: 'unproven', provenAt: null, prompt: 'set-aside' })
  expect((await bench.ask('unit.light', { unit: blind?.uid ?? '', light: 'red-blinking' })).outcome).toBe('unproven') // a lamp is never proof
})

test('2. a wired unit that only ever announces itself ends as unproven', async () => {
  await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'never-reacts' } })
  expect(await shift(bench)).toMatchObject([{ outcome: 'unproven', provenAt: null, grade: null }])
})

test('3. with a second DHCP server on the bench ours is silent within a second of hearing it, and names it', async () => {
  await using floor = await openFloor({ units: 1, settings: { 'lan.take': 'all' } })
  using _foreign = await floor.foreignDhcp()
  await floor.newcomer()
  await floor.bench.sleep(seconds(1))
  const given = (): Promise<readonly string[]> => floor.bench.ask('network.leases', {}).then(leases => leases.map(l => l.mac))
  const before = await given()
  const next = floor.bench.world.deliver('wired', 1)[0]
  if (!next) throw new Error('nobody came')
  floor.on(next)
  await floor.bench.sleep(seconds(30)) // it asks again and again
  expect([await given(), next.state.address]).toEqual([before, null]) // ours gives nobody an address any more
  expect((await floor.bench.ask('network.view', {})).dhcp).toMatchObject({ state: 'foreign', fault: { code: 'net.foreign-dhcp', context: { server: '192.168.1.1' } } })
  expect((await floor.bench.ask('bench.view', {})).lamps.find(l => l.name === 'guard')).toMatchObject({ state: 'bad', fault: { code: 'net.foreign-dhcp' } })
})

test('5. the 31st camera is refused before the cloud is asked: no wave, no seat, no second token', async () => {
  await using bench = await openBench({ cameras: 31 })
  await bench.ask('scan', { text: 'OP:1001' })
  for (const camera of bench.world.cameras) await bench.ask('scan', { text: camera.profile.label })
  const wave = await bench.ask('wave.start', {})
  await bench.sleep(seconds(10))
  const last = (await bench.ask('units.find', { text: bench.world.cameras[30]?.profile.mac ?? '' }))[0]
  expect([wave.planned, last?.job, last?.wave, wave.units.some(uid => uid === last?.uid)]).toEqual([30, null, null, false])
  await expect(bench.ask('wave.start', {})).rejects.toMatchObject({ code: 'wave.running' })
  expect(await bench.ask('bench.view', {})).toMatchObject({ waiting: 1 })
  expect([bench.world.cloud.tokensIssued, bench.ledger.quotaUse('account', 'house', 0)]).toEqual([1, { spent: 30, reserved: 0 }])
})

test('6. killed in the middle of an unbind, the station asks about the unit after its restart, and charges it once', async () => {
  const toAsk = await (async () => {
    await using rehearsal = await openBench({ seed: 7, units: 1 })
    const before = rehearsal.ledger.lastSeq
    await shift(rehearsal)
    return (rehearsal.ledger.factsAfter(0, 1000).find(f => f.body.kind === 'unbind.asked')?.seq ?? 0) - before
  })()
  await using bench = await openBench({ seed: 7, units: 1 })
  const working = operatorOf(bench).run(FOREVER)
  expect(await bench.crashAfter(toAsk, working)).toBe('crashed')
  await bench.run(working)
  await bench.sleep(900_000)
  const facts = bench.ledger.factsAfter(0, 10_000)
  expect(facts.filter(f => f.body.kind === 'unbind.asked')).toHaveLength(1)
  expect(bench.ledger.quotaUse('account', 'house', 0)).toEqual({ spent: 1, reserved: 0 })
  const [unit] = await bench.ask('units.find', {})
  expect(unit?.outcome === 'proven').toBe(bench.world.cloud.effects.length === 1) // whether the token still went out or not: never asked again, and proven only if released
})

test('7. one byte of the log is edited: the first broken record is named', async () => {
  await using bench = await openBench({ seed: 7, units: 1 })
  await shift(bench)
  expect((await bench.ask('ledger.verify', {})).broken).toEqual([])
  const seq = bench.ledger.factsAfter(0, 1000).find(f => f.body.kind === 'unit.scanned')?.seq ?? 0
  for (const at of [bench.ledger.lastSeq - 1, seq]) bench.ledger.db.run('UPDATE fact SET body = substr(body, 1, length(body) - 3) || char(unicode(substr(body, -3, 1)) + 1) || substr(body, -2) WHERE seq = ?', [at]) // one byte each, the later record first
  expect((await bench.ask('ledger.verify', {})).broken[0]).toContain(`fact ${seq}`)
})

test('9. every card of the printed decks is understood by the station, has a picture, and words in both languages', async () => {
  await using bench = await openBench({ seed: 7, units: 1 })
  await bench.ask('scan', { text: 'OP:1001' })
  for (const card of DECKS.filter(deck => deck !== 'exercises').flatMap(deck => cardsOf(deck, ['1001']))) {
    await bench.ask('scan', { text: 'RB-0001' }) // most cards are about the unit scanned before
    const fault = await bench.ask('scan', { text: card.code }).then(() => null, (thrown: unknown) => Fault.from(thrown).code)
    expect([card.code, fault]).toEqual([card.code, ['CM:WAVE', 'CM:STOP', 'CM:PRINT'].includes(card.code) ? fault : null]) // nothing to start, to stop or to print yet
    expect(['scan.unreadable', 'scan.unknown-command']).not.toContain(fault)
    expect([card.words.en, card.words.zh, card.picture.path].every(text => text !== '')).toBe(true)
    if (card.code === 'CM:LEAVE') await bench.ask('scan', { text: 'OP:1001' })
  }
})

describe.skipIf(CHROMIUM === null)(`on the screen${NO_BROWSER}`, () => {
  const { door, open } = useScreens()

  test('4. a scan is heard with a Chinese input method on, with a field focused, after the window was left, and on the number pad', async () => {
    const page = await open()
    const hears = async (text: string): Promise<void> => { await expect.poll(() => door().asked.findLast(a => a.name === 'scan')?.params['text'], { timeout: 10_000 }).toBe(text) }
    await page.keyboard.press('F3')
    await page.locator('#search').focus()
    await scan(page, 'W-00777', { isSwallowed: true })
    await hears('W-00777')
    await expect.poll(() => page.locator('#search').inputValue()).toBe('') // nothing of it stays in the field
    const other = await page.context().newPage()
    await other.bringToFront()
    await page.bringToFront()
    await page.evaluate(() => new Promise(shown => { requestAnimationFrame(() => { requestAnimationFrame(shown) }) })) // only a page that is seen draws; before that a key would go nowhere
    await scan(page, 'W-00778')
    await hears('W-00778')
    const client = await page.context().newCDPSession(page)
    const start = Date.now() / 1000
    for (const [i, code] of ['Numpad4', 'Numpad7', 'Numpad1', 'Numpad1', 'NumpadEnter'].entries()) await client.send('Input.dispatchKeyEvent', { type: 'keyDown', code, key: code === 'NumpadEnter' ? 'Enter' : code.slice(6), isKeypad: true, timestamp: start + i * 0.004 })
    await hears('4711')
  })

  test('10. the last verdict stays until the next scan', async () => {
    door().showBench(BENCH.busy)
    const page = await open()
    door().showBench({ ...BENCH.busy, clock: { now: NOW + hours(5), rate: 1 }, units: [], queue: BENCH.empty.queue })
    await page.locator('.now-proven').getByText('W-00416').waitFor()
    door().showBench(BENCH.scanned)
    await page.locator('.now-scan').getByText('W-00419').waitFor()
  })
})
