/** When the day is used up: the vendor's word wins, units wait for the new day with their tote, and the plan says which. */
import { describe, expect, it } from 'vitest'
import { hours } from '#shared'
import { planText } from '../../src/main/cloud-verbs.ts'
import { Secret } from '../../src/main/bench/log.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const NEVER = new AbortController().signal
async function work(bench: TestBench): Promise<Record<string, string>> {
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(NEVER))
  return Object.fromEntries([...operator.verdicts].map(([tag, v]) => [tag, v.fault ? `${v.outcome} ${v.fault.code}` : String(v.outcome)]))
}
const facts = (bench: TestBench) => bench.ledger.factsAfter(0, 100_000)

describe('a unit without a seat today', () => {
  it('is put off to tomorrow with its tote, stands in the plan, and is released by the new day without a hand on the screen', async () => {
    await using bench = await openBench({ seed: 7, units: 3, settings: { 'quota.accountPerDay': '2' } })
    const verdicts = await work(bench)
    expect(Object.values(verdicts).toSorted()).toEqual(['null quota.account-spent', 'proven', 'proven'])
    const tag = Object.keys(verdicts).find(t => verdicts[t] !== 'proven') ?? ''
    await bench.ask('scan', { text: tag })
    await bench.ask('scan', { text: 'TT:T-17' })
    const [waiting] = await bench.ask('units.find', { text: tag })
    expect(waiting).toMatchObject({ prompt: 'shelve', isTomorrow: true, tote: 'T-17', job: null })
    const plan = await bench.ask('quota.plan', {})
    expect(plan).toMatchObject({ counts: { today: 0, tomorrow: 1, impossible: 0 }, tomorrow: [{ name: tag, tote: 'T-17', account: null }], daysMin: 2, accounts: [{ account: 'house', units: 0, left: 0 }] })
    expect(planText(plan)).toMatch(new RegExp(`TOMORROW\\n +1 +T-17 +${tag}`))

    await bench.run(bench.station.close()) // the night
    await bench.world.clock.advance(hours(25))
    await bench.open()
    await bench.sleep(5000)
    expect((await bench.ask('quota.plan', {})).today).toMatchObject([{ name: tag, account: 'house' }])
    const unit = bench.world.units.find(u => u.profile.tag === tag)
    unit?.plug()
    unit?.powerOn()
    await bench.sleep(60_000)
    const [again] = await bench.ask('units.find', { text: tag })
    expect(again).toMatchObject({ isTomorrow: false, attempt: 1 })
    expect(again?.job).not.toBeNull()
    expect(findViolations(bench)).toEqual([])
  })
})

describe("the vendor's 'over quota'", () => {
  it('wins over our own count: the bucket is full, no token is asked for in vain, and no attempt is burnt', async () => {
    await using bench = await openBench({ seed: 7, units: 4, limits: { accountPerDay: 2 } })
    const verdicts = Object.values(await work(bench))
    expect(verdicts.filter(v => v === 'proven')).toHaveLength(2)
    expect(verdicts.filter(v => v !== 'proven').every(v => v.endsWith('quota.account-spent'))).toBe(true)
    expect(facts(bench).filter(f => f.body.kind === 'quota.refused').map(f => f.body)).toMatchObject([{ scope: 'account', key: 'house' }])
    const { quota } = await bench.ask('status', {})
    const account = quota.find(q => q.scope === 'account')
    expect(account?.cap).toBeLessThanOrEqual(account?.spent ?? 0)
    expect(bench.ledger.unitsPostponed().map(u => u.attemptsThisStay)).toEqual([0, 0])
    expect(bench.world.cloud.effects).toHaveLength(2)
    expect(findViolations(bench)).toEqual([])
  })

  it('while a wave is planned puts its cameras off together', async () => {
    await using bench = await openBench({ seed: 7, cameras: 3, limits: { productPerDay: 0 } })
    await bench.ask('scan', { text: 'OP:1001' })
    for (const camera of bench.world.cameras) {
      camera.powerOn()
      await bench.ask('scan', { text: `${camera.profile.tag};PID:${camera.profile.productKey}` })
    }
    await bench.ask('wave.start', {})
    await bench.sleep(120_000)
    expect(facts(bench).filter(f => f.body.kind === 'quota.refused')).toHaveLength(1)
    expect((await bench.ask('quota.plan', {})).counts).toEqual({ today: 0, tomorrow: 3, impossible: 0 })
    await expect(bench.ask('wave.start', {})).rejects.toMatchObject({ code: 'quota.product-spent' })
    expect(bench.ledger.quotaUse('product', bench.world.cameras[0]?.profile.productKey ?? '', 0)).toEqual({ spent: 0, reserved: 0 })
    expect(findViolations(bench)).toEqual([])
  })
})

it('the 31st camera is left for the next wave before the cloud is asked', async () => {
  await using bench = await openBench({ seed: 7, cameras: 30 })
  const [first] = bench.world.cameras
  for (let n = 1; n <= 31; n += 1) await bench.ask('scan', { text: `CAM-${n};PID:${first?.profile.productKey}` })
  const wave = await bench.ask('wave.start', {})
  expect(wave.planned).toBe(30)
  expect(bench.ledger.unitsHere().filter(u => u.job === null)).toHaveLength(1)
  expect(bench.world.cloud.tokensIssued).toBe(0)
})

it('the second account takes over when the first is used up, and a raise counts for its account alone', async () => {
  const second = { ...VIRTUAL_ACCOUNT, id: 'second', clientId: 'client0002', secret: 'secret-of-the-second' }
  const { accounts: [house], ...rest } = virtualAccess()
  if (!house) throw new Error('every bench has an account')
  const access = { ...rest, accounts: [house, { ...house, id: 'second', clientId: second.clientId, secret: new Secret(second.secret) }] }
  await using bench = await openBench({ seed: 7, units: 4, access, accounts: [second], settings: { 'quota.accountPerDay': '1', 'quota.raises': '[{"account":"house","perDay":2}]' } })
  const verdicts = Object.values(await work(bench))
  expect(verdicts.filter(v => v === 'proven')).toHaveLength(3)
  expect((await bench.ask('account.list', {})).map(a => [a.id, a.quota.spent, a.quota.cap])).toEqual([['house', 2, 2], ['second', 1, 1]])
  expect(JSON.stringify(bench.lines)).not.toContain(second.secret)
  expect(findViolations(bench)).toEqual([])
})
