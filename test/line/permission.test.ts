/** Permission before quota: a product the account may not unbind is refused on the bench, before a token is taken. */
import { describe, expect, it } from 'vitest'
import { GRANT_ROUTES, LANGUAGES, seconds } from '#shared'
import { AccountBook } from '../../src/main/bench/account-book.ts'
import { CloudClient, type CloudAccount } from '../../src/main/bench/cloud.ts'
import { Log } from '../../src/main/bench/log.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { accountsText } from '../../src/main/cloud-verbs.ts'
import { VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { FORBIDDEN_PRODUCT } from '../../src/main/virtual/world.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, TestBench } from '../helpers/station.ts'

const NEVER = new AbortController().signal
async function work(bench: TestBench): Promise<readonly string[]> {
  const operator = new VirtualOperator(bench.world, { ask: (name, params) => bench.station.gate.ask(name, params, { host: 'local' }) })
  await bench.run(operator.run(NEVER))
  return [...operator.verdicts.values()].map(v => v.fault ? `${v.outcome} ${v.fault.code}` : String(v.outcome))
}
const stateOf = async (bench: TestBench): Promise<string | undefined> => (await bench.ask('account.list', {}))[0]?.products.find(p => p.product === FORBIDDEN_PRODUCT)?.state

describe('the self-test at sign-in', () => {
  it('knows before any unit comes what the account may do, and asks no live unit', async () => {
    await using bench = await openBench({ seed: 7 })
    await bench.sleep(5000)
    const [account] = await bench.ask('account.list', {})
    expect(account?.products.filter(p => p.state === 'denied').map(p => p.product)).toEqual([FORBIDDEN_PRODUCT])
    expect(account?.products.filter(p => p.state === 'allowed').length).toBeGreaterThan(3)
    expect(account).toMatchObject({ id: 'house', clientIdEnd: '0001', origin: 'config', fault: null, inUse: 0, quota: { spent: 0, reserved: 0, cap: 100 } })
    expect(JSON.stringify(account)).not.toContain('virtualsecret')
    expect(bench.world.cloud.tokensIssued).toBe(0)
  })

  it('refuses a unit of a denied product with a verdict of its own, without a token and without a seat', async () => {
    await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'no-permission' } })
    expect(await work(bench)).toEqual(['refused cloud.no-permission'])
    expect(bench.world.cloud.tokensIssued).toBe(0)
    expect(bench.ledger.quotaUse('account', 'house', 0)).toEqual({ spent: 0, reserved: 0 })
    expect(bench.ledger.factsAfter(0, 1000).some(f => f.body.kind === 'seat.reserved' || f.body.kind === 'token.taken')).toBe(false)
    expect(findViolations(bench)).toEqual([])
  })

  it('says who can grant it and where, for both routes, in both languages', async () => {
    await using bench = await openBench({ seed: 7 })
    await bench.sleep(5000)
    const text = accountsText(await bench.ask('account.list', {}))
    for (const route of GRANT_ROUTES) for (const language of LANGUAGES) for (const words of [route.title, route.who, ...route.steps]) expect(text).toContain(words[language])
    for (const part of ['Partnership type: development.', '"My Space" > "Authorization"', '"Authorize to Collaborate Across Organizations"', '"Authorize to Collaborate Within Organization"', '授权（Authorization）']) expect(text).toContain(part)
    expect(text).toContain('After sale')
  })

  it('is only shown where it must not refuse, and not made where it is off', async () => {
    await using warn = await openBench({ seed: 7, units: 1, faults: { 1: 'no-permission' }, settings: { 'cloud.selfTest': 'warn' } })
    expect(await work(warn)).toEqual(['refused cloud.no-permission'])
    expect(warn.ledger.factsAfter(0, 1000).some(f => f.body.kind === 'seat.returned')).toBe(true) // the cloud was asked for a token, and said no
    await using off = await openBench({ seed: 7, settings: { 'cloud.selfTest': 'off' } })
    await off.sleep(5000)
    expect(await stateOf(off)).toBe('unknown')
  })
})

describe('the self-test tells apart every way an account can have come to a product', () => {
  it.each([
    ['owner', 'allowed'], ['oem-link-sharer', 'allowed'], ['original-owner', 'allowed'], ['partner-development', 'allowed'], ['partner-purchase', 'denied'],
    ['after-sale', 'allowed'], ['administrator', 'allowed'], ['custom-unbind', 'allowed'], ['custom-other', 'denied'], ['data-operation', 'denied']
  ] as const)('%s: %s, and never without data permission', async (role, expected) => {
    await using bench = await openBench({ seed: 7, accounts: [{ ...VIRTUAL_ACCOUNT, id: 'other', clientId: 'otherclient', secret: 'othersecret', role, products: ['gw3wired00000001'] }] })
    const entered = await bench.run(bench.ask('account.add', { id: 'other', clientId: 'otherclient', secret: 'othersecret', baseUrl: 'https://openapi.virtual', assetId: 'bench', products: ['gw3wired00000001', 'nvr8wired0000001'] }))
    expect(entered.products.map(p => [p.product, p.state])).toEqual([['gw3wired00000001', expected], ['nvr8wired0000001', 'denied']])
    expect(entered.products.flatMap(p => p.fault?.code ?? []).every(code => code === 'cloud.no-permission')).toBe(true)
  })
})

describe('a permission that is granted later', () => {
  it('is found on demand, and by scanning a unit of the product again', async () => {
    await using bench = await openBench({ seed: 7, units: 1, faults: { 1: 'no-permission' } })
    expect(await work(bench)).toEqual(['refused cloud.no-permission'])
    bench.world.cloud.grant('house', FORBIDDEN_PRODUCT)
    await bench.sleep(180_000)
    expect(await stateOf(bench)).toBe('denied')
    const [unit] = bench.world.units
    unit?.plug()
    unit?.powerOn()
    await bench.sleep(60_000)
    await bench.ask('scan', { text: 'RB-0001' })
    await bench.sleep(1000)
    expect(await stateOf(bench)).toBe('allowed')
    const [view] = await bench.ask('units.find', { text: 'RB-0001' })
    expect(view?.stage).toBe('resetting')
  })

  it('is found by the command of the lead', async () => {
    await using bench = await openBench({ seed: 7 })
    await bench.sleep(5000)
    bench.world.cloud.grant('house', FORBIDDEN_PRODUCT)
    const tested = await bench.run(bench.ask('account.test', { account: 'house', product: FORBIDDEN_PRODUCT }))
    expect(tested.products.find(p => p.product === FORBIDDEN_PRODUCT)?.state).toBe('allowed')
    await expect(bench.run(bench.ask('account.test', { account: 'nobody' }))).rejects.toMatchObject({ code: 'account.unknown' })
  })
})

it('a cloud that is away at the start is asked again until it has told; until then nothing is known', async () => {
  await using bench = await openBench({ seed: 7 })
  bench.world.cloud.setFaults({ outage: ['openapi'] })
  await bench.sleep(20_000)
  const tested = await bench.run(bench.ask('account.test', { account: 'house' }))
  expect(tested.fault).not.toBeNull()
  bench.world.cloud.setFaults({ outage: [] })
  await bench.sleep(700_000)
  expect(await stateOf(bench)).toBe('denied')
})

it('an account that was entered while no station ran is told to history by the next one, once', async () => {
  const bench = new TestBench({ seed: 7 })
  const { disk, secrets, clock } = bench.world.ports
  const book = new AccountBook([], { disk, secrets }, { path: 'training/accounts.json', newClient: () => new CloudClient(bench.world.ports, new Log(() => undefined, () => clock.now()), { account: virtualAccess().accounts[0] as CloudAccount, deadlineMs: seconds(1) }), log: new Log(() => undefined, () => 0) }) // every bench has an account
  book.add({ id: 'phone', source: 'relay', region: 'EU' })
  await using _bench = await bench.open()
  const told = (): number => bench.ledger.factsAfter(0, 1000).filter(f => f.body.kind === 'account.added' && f.body.account === 'phone').length
  expect([told(), (await bench.ask('account.list', {})).map(a => a.id)]).toEqual([1, ['house', 'phone']])
  await bench.run(bench.station.close())
  await bench.open()
  expect(told()).toBe(1)
})
