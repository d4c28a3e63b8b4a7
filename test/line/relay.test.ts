/** Codes of the vendor's own app, relayed: off until allowed, a secret wherever they go, used once, judged without a list. */
import { describe, expect, it } from 'vitest'
import { DOOR } from '#shared'
import { findDrift } from '../../src/main/bench/drift.ts'
import { parseScan } from '../../src/main/wire/label.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { findViolations } from '../helpers/checkers.ts'
import { FORMATS } from '../helpers/labels.ts'
import { qrPng } from '../helpers/pictures.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const CAMERA = 'cam2qr0000000001'
const TOKEN = 'EUPhoneTok1234'
const PHONE_CODE = JSON.stringify({ p: 'password-of-the-shop', s: 'SHOP', t: TOKEN })

async function openAllowed(accounts = access()): Promise<TestBench> {
  const bench = await openBench({ seed: 7, access: accounts })
  await bench.ask('relay.allow', { isAllowed: true })
  return bench
}
function access() {
  const { accounts: [house], ...rest } = virtualAccess()
  if (!house) throw new Error('every bench has an account')
  return { ...rest, accounts: [{ ...house, id: 'phone', source: 'relay' as const }] }
}
async function waveOf(bench: TestBench): Promise<void> {
  await bench.ask('scan', { text: `CAM-A;PID:${CAMERA}` })
  await bench.ask('wave.start', {})
  await bench.sleep(5000)
}
const everything = (bench: TestBench): string => JSON.stringify([bench.lines, bench.ledger.factsAfter(0, 10_000)])

describe('the code of the phone', () => {
  it('is refused like any torn code until relaying is allowed', async () => {
    await using bench = await openBench({ seed: 7, access: access() })
    await expect(bench.ask('scan', { text: PHONE_CODE })).rejects.toMatchObject({ code: 'scan.unreadable' })
  })

  it('has a row of the grammar of its own, and its token does not print', () => {
    const scan = parseScan(PHONE_CODE, FORMATS, true)
    expect(scan.kind).toBe('relay')
    expect(JSON.stringify(scan)).not.toContain('PhoneTok')
    expect(scan.kind === 'relay' ? scan.token() : '').toBe(TOKEN)
    expect(() => parseScan(PHONE_CODE.slice(0, 30), FORMATS, true)).toThrow('scan.unreadable')
    expect(parseScan(`SN:123;PID:${CAMERA}`, FORMATS, true).kind).toBe('unit')
  })

  it('goes to the rack with the Wi-Fi of the bench, and stands in no line, no fact and no chip', async () => {
    await using bench = await openAllowed()
    expect(await bench.ask('scan', { text: PHONE_CODE })).toEqual({ heard: 'relay', unit: null, note: 'done' })
    expect((await bench.ask('bench.view', {})).scan?.text).toBe('••••••••')
    await waveOf(bench)
    const { code, wave } = await bench.ask('display.view', {})
    expect(JSON.parse(code ?? '{}')).toEqual({ p: 'bench-2026!', s: 'RETURNS-BENCH', t: TOKEN })
    expect((wave?.expiresAt ?? 0) - (wave?.shownAt ?? 0)).toBeLessThanOrEqual(240_000)
    expect(everything(bench)).not.toMatch(/PhoneTok|password-of-the-shop/)
    expect(findViolations(bench)).toEqual([])
  })

  it('is not there: the wave says that the next code must be shown on the phone', async () => {
    await using bench = await openAllowed()
    await waveOf(bench)
    await bench.sleep(60_000)
    const faults = bench.ledger.factsAfter(0, 10_000).flatMap(f => f.body.kind === 'fault.raised' ? [f.body.fault.code] : [])
    expect(faults).toContain('relay.next-code')
    expect(bench.ledger.quotaUse('account', 'phone', 0).spent).toBe(0)
  })

  it('of a data centre that no account relays is named, and the rack\'s own code is no code of a phone', async () => {
    await using bench = await openAllowed()
    await expect(bench.ask('scan', { text: PHONE_CODE.replace(TOKEN, 'AYPhoneTok1234') })).rejects.toMatchObject({ code: 'account.unknown' })
    expect((await bench.ask('bench.view', {})).scan?.text).toBe('••••••••')
    await bench.ask('scan', { text: PHONE_CODE })
    await waveOf(bench)
    const { code } = await bench.ask('display.view', {})
    await expect(bench.ask('scan', { text: code ?? '' })).rejects.toMatchObject({ code: 'scan.unreadable' })
  })
})

describe('who allows it', () => {
  it('is a lead, whose confirmation stands in the history with name and time; taken back, codes are refused again', async () => {
    await using bench = await openBench({ seed: 7, access: access() })
    expect(DOOR['relay.allow'].needs).toBe('lead')
    expect((await bench.ask('relay.view', {})).consent).toBeNull()
    const { consent } = await bench.ask('relay.allow', { isAllowed: true })
    expect(consent).toEqual({ by: 'cli', at: bench.world.clock.now() })
    expect(bench.ledger.factsAfter(0, 1000).find(f => f.body.kind === 'relay.allowed')?.body).toEqual({ kind: 'relay.allowed', isAllowed: true, by: 'cli' })
    await bench.ask('scan', { text: PHONE_CODE })
    expect((await bench.ask('relay.allow', { isAllowed: false })).consent).toBeNull()
    await expect(bench.ask('scan', { text: PHONE_CODE })).rejects.toMatchObject({ code: 'scan.unreadable' })
    expect(findDrift(bench.ledger)).toEqual([])
  })

  it('is asked of nobody who is no lead', async () => {
    await using bench = await openBench({ seed: 7, access: access() })
    await bench.ask('scan', { text: 'OP:ANNA' })
    expect(await bench.station.gate.ask('relay.allow', { isAllowed: true }, { host: 'http' })).toMatchObject({ ok: false, fault: { code: 'person.needs-lead' } })
    expect((await bench.ask('relay.view', {})).consent).toBeNull()
  })
})

describe('the account of the phone', () => {
  const two = () => {
    const { accounts: [phone], ...rest } = access()
    if (!phone) throw new Error('every bench has an account')
    return { ...rest, accounts: [phone, { ...phone, id: 'second' }, { ...phone, id: 'west', region: 'AZ' }] }
  }
  it('is stated by the operator, on the screen or by a card, where the data centre of the code does not tell it', async () => {
    await using bench = await openAllowed(two())
    await expect(bench.ask('scan', { text: PHONE_CODE })).rejects.toMatchObject({ code: 'relay.which-account', context: { region: 'EU', accounts: 'phone, second' } })
    expect(await bench.ask('scan', { text: 'AC:second' })).toMatchObject({ heard: 'account' })
    await bench.ask('scan', { text: PHONE_CODE })
    expect(await bench.ask('relay.view', {})).toMatchObject({ stated: 'second', waiting: { account: 'second', leftMs: 240_000 }, isNextNeeded: false })
    await waveOf(bench)
    expect((await bench.ask('display.view', {})).wave).toMatchObject({ account: 'second', centre: 'EU', state: 'showing' })
    await expect(bench.ask('scan', { text: 'AC:nobody' })).rejects.toMatchObject({ code: 'account.unknown' })
  })

  it('has one data centre: a code of another one is named, and used for nobody', async () => {
    await using bench = await openAllowed(two())
    await bench.ask('relay.state', { account: 'west' })
    await expect(bench.ask('scan', { text: PHONE_CODE })).rejects.toMatchObject({ code: 'relay.other-centre', context: { account: 'west', region: 'EU', expected: 'AZ' } })
    expect((await bench.ask('relay.view', {})).waiting).toBeNull()
    expect((await bench.ask('relay.state', { account: null })).stated).toBeNull()
    await bench.ask('scan', { text: PHONE_CODE.replace(TOKEN, 'AZPhoneTok1234') }) // one account of that centre: nothing to state
    expect((await bench.ask('relay.view', {})).waiting?.account).toBe('west')
  })
})

describe('an ageing code', () => {
  it('asks for the next one while it waits for its wave, and while it is shown; the next one takes its place on the same wave', async () => {
    await using bench = await openAllowed()
    await bench.ask('scan', { text: PHONE_CODE })
    await bench.sleep(200_000)
    expect((await bench.ask('relay.view', {})).isNextNeeded).toBe(true) // it is too old to be begun safely
    await bench.ask('scan', { text: PHONE_CODE.replace('PhoneTok', 'SecondTo') })
    expect((await bench.ask('relay.view', {})).isNextNeeded).toBe(false)
    await waveOf(bench)
    await bench.ask('scan', { text: `CAM-B;PID:${CAMERA}` })
    const shown = (await bench.ask('display.view', {})).wave
    for (let i = 0; i < 100 && !(await bench.ask('relay.view', {})).isNextNeeded; i += 1) {
      bench.ledger.append({ body: { kind: 'unit.met', method: 'qr', by: 'scan' } }) // the wave goes on while something happens
      await bench.sleep(2000)
    }
    const view = await bench.ask('relay.view', {})
    const wave = (await bench.ask('display.view', {})).wave
    expect([view.isNextNeeded, wave?.uid === shown?.uid]).toEqual([wave !== null, wave !== null])
  })
})

it('a wired unit is handed the code of the phone as well, once, and its seat stays: nobody lists what became of it', async () => {
  const bench = await openBench({ seed: 7, units: 1, access: access() })
  await using _bench = bench
  await bench.ask('relay.allow', { isAllowed: true })
  await bench.ask('scan', { text: PHONE_CODE })
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(new AbortController().signal))
  const asked = bench.ledger.factsAfter(0, 10_000).flatMap(f => f.body.kind === 'unbind.asked' ? [f.body.token] : [])
  const [sealed] = bench.ledger.db.all<{ sealed: Uint8Array }>('SELECT sealed FROM token')
  expect([asked.length, new TextDecoder().decode(bench.world.ports.secrets.open(sealed?.sealed ?? new Uint8Array(0)))]).toEqual([1, TOKEN])
  expect(bench.ledger.quotaUse('account', 'phone', 0)).toEqual({ spent: 1, reserved: 0 })
  expect(everything(bench)).not.toMatch(/PhoneTok|password-of-the-shop/)
})

describe('what the phone says of a unit', () => {
  it('is entered by a reason card: the unit is refused with that reason; any other card holds it', async () => {
    await using bench = await openAllowed()
    await bench.ask('scan', { text: PHONE_CODE })
    await waveOf(bench)
    await bench.ask('scan', { text: `CAM-A;PID:${CAMERA}` })
    await bench.ask('scan', { text: 'RS:NO-PERMISSION' })
    await bench.sleep(400_000)
    const [unit] = await bench.ask('units.find', { text: 'CAM-A' })
    expect(unit).toMatchObject({ outcome: 'refused', hold: null, fault: { code: 'cloud.no-permission', context: { by: 'phone' } } })
    await bench.ask('scan', { text: 'RS:DAMAGED' })
    expect((await bench.ask('units.find', { text: 'CAM-A' }))[0]?.hold?.reason).toBe('DAMAGED')
    expect(findViolations(bench)).toEqual([])
  })

  it('nothing: without a list no seat comes back, and silence is unproven', async () => {
    await using bench = await openAllowed()
    await bench.ask('scan', { text: PHONE_CODE })
    await waveOf(bench)
    await bench.sleep(40 * 60_000)
    expect((await bench.ask('units.find', { text: 'CAM-A' }))[0]?.outcome).toBe('unproven')
    expect(bench.ledger.quotaUse('account', 'phone', 0)).toEqual({ spent: 1, reserved: 0 })
  })
})

describe('a picture of the phone', () => {
  const picture = async (text: string): Promise<string> => (await qrPng(text)).toString('base64')

  it('does what the scanner does with its code, and stands in no line, no fact and no chip', async () => {
    await using bench = await openAllowed()
    expect(DOOR['relay.picture'].needs).toBe(DOOR.scan.needs)
    expect(await bench.ask('relay.picture', { picture: await picture(PHONE_CODE) })).toEqual({ heard: 'relay', unit: null, note: 'done' })
    expect((await bench.ask('bench.view', {})).scan?.text).toBe('••••••••')
    expect((await bench.ask('relay.view', {})).waiting?.account).toBe('phone')
    expect(everything(bench)).not.toMatch(/PhoneTok|password-of-the-shop/)
    expect(everything(bench)).not.toContain((await picture(PHONE_CODE)).slice(40, 140))
  })

  it('is not looked at until relaying is allowed', async () => {
    await using bench = await openBench({ seed: 7, access: access() })
    await expect(bench.ask('relay.picture', { picture: 'no picture at all' })).rejects.toMatchObject({ code: 'relay.off' })
  })

  it('of any other code is not acted on: a command card, a unit, a torn code', async () => {
    await using bench = await openAllowed()
    const before = bench.ledger.lastSeq
    for (const text of ['CM:WAVE', 'OP:EVIL', `CAM-A;PID:${CAMERA}`, PHONE_CODE.slice(0, 40), '{"p":"secret-of-others","s":"x"}']) await expect(bench.ask('relay.picture', { picture: await picture(text) })).rejects.toMatchObject({ code: 'picture.other-code', context: {} })
    expect((await bench.ask('bench.view', {})).scan?.text).toBe('••••••••')
    expect(bench.ledger.lastSeq).toBe(before)
    await expect(bench.ask('relay.picture', { picture: '' })).rejects.toMatchObject({ code: 'door.invalid' })
    await expect(bench.ask('relay.picture', { picture: 'nonsense' })).rejects.toMatchObject({ code: 'picture.unreadable' })
  })
})
