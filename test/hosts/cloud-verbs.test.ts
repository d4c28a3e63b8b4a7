/** The command line of the cloud side: which words ask what, where a secret may come from, and that none is printed. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PICTURE_BYTES_MAX, type AccountView, type PlanView, type UnitId } from '#shared'
import { accountsText, cloudQuestion, planText, relayText } from '../../src/main/cloud-verbs.ts'
import { Fault } from '../../src/main/domain/fault.ts'

const folder = mkdtempSync(join(tmpdir(), 'unbindery-verbs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const ENV = { UB_SECRET: 'the-secret' }
const ask = (line: string) => {
  const question = cloudQuestion(line.split(' '), ENV)
  return question && { name: question.name, params: question.params }
}

describe('the words', () => {
  it.each([
    ['plan', { name: 'quota.plan', params: {} }],
    ['account list', { name: 'account.list', params: {} }],
    ['account test house', { name: 'account.test', params: { account: 'house' } }],
    ['account test house --product p1', { name: 'account.test', params: { account: 'house', product: 'p1' } }],
    ['account remove house', { name: 'account.remove', params: { account: 'house' } }],
    ['account add b --client-id c1 --centre eu --asset a1 --products p1,p2 --release delete --secret-env UB_SECRET', { name: 'account.add', params: { id: 'b', clientId: 'c1', centre: 'eu', assetId: 'a1', products: ['p1', 'p2'], release: 'delete', secret: 'the-secret' } }],
    ['account add phone --source relay --region EU', { name: 'account.add', params: { id: 'phone', source: 'relay', region: 'EU' } }],
    ['account add own --client-id c1 --centre eu --family smart-home --uid u1 --secret-env UB_SECRET', { name: 'account.add', params: { id: 'own', clientId: 'c1', centre: 'eu', family: 'smart-home', uid: 'u1', secret: 'the-secret' } }],
    ['relay', { name: 'relay.view', params: {} }],
    ['relay allow', { name: 'relay.allow', params: { isAllowed: true } }],
    ['relay forbid', { name: 'relay.allow', params: { isAllowed: false } }],
    ['relay account phone', { name: 'relay.state', params: { account: 'phone' } }],
    ['relay account any', { name: 'relay.state', params: { account: null } }],
    ['unmatched', { name: 'unmatched.list', params: {} }],
    ['unmatched link 17 u1', { name: 'unmatched.link', params: { result: 17, unit: 'u1' } }],
    ['unmatched dismiss 17 of a visitor', { name: 'unmatched.dismiss', params: { result: 17, reason: 'of a visitor' } }]
  ])('%s', (line, expected) => expect(ask(line)).toEqual(expected))

  it.each(['account', 'account test', 'account add', 'account frob x', 'relay account', 'relay picture', 'relay frob', 'unmatched link 17', 'unmatched dismiss 17'])('%s asks nothing', line => expect(ask(line)).toBeNull())

  it('an option nobody knows is refused in words, and the rest of the line with it', () => {
    expect(() => ask('account add b --secret the-secret')).toThrow(/--secret/)
    expect(cloudQuestion(['plan', '--json', '--data', '/d'], {})).toMatchObject({ isJson: true, data: '/d' })
  })
})

describe.skipIf(process.platform === 'win32')('a secret', () => {
  it('comes from a file that only its owner can read', () => {
    const path = join(folder, 'secret')
    writeFileSync(path, 'of the file\n', { mode: 0o600 })
    expect(ask(`account add b --client-id c --centre eu --secret-file ${path}`)).toMatchObject({ params: { secret: 'of the file' } })
    chmodSync(path, 0o640)
    expect(() => ask(`account add b --secret-file ${path}`)).toThrow(Fault)
    expect(() => ask('account add b --secret-env NOT_SET')).toThrow(Fault)
  })
})

describe('what is printed', () => {
  const account: AccountView = {
    id: 'house', clientIdEnd: '0001', baseUrl: 'https://openapi.tuyaeu.com', region: 'EU', source: 'openapi', release: 'delete', family: 'industry', origin: 'station', secretKind: 'file', inUse: 2,
    products: [{ product: 'p1', productName: { en: 'Gate\u001bway', zh: '网关' }, state: 'denied', at: 1, fault: null }], quota: { cap: 100, spent: 3, reserved: 1, refusedAt: 5, day: null },
    fault: { code: 'account.sealed-elsewhere', context: {} }
  }
  it('of an account says what is wrong, what is left, and who can grant what is denied', () => {
    const text = accountsText([account])
    for (const part of ['house', '…0001', 'then delete', '3 spent, 1 reserved of 100', 'the vendor says it is used up', 'Sign in again', 'denied  p1', 'secret kept by: file', 'partner']) expect(text).toContain(part)
    expect(text).not.toContain('\u001b')
    expect(accountsText([])).toBe('no accounts')
    expect(accountsText([{ ...account, products: [], fault: null }])).not.toContain('Partnership')
  })

  it('of the day of an account says where it begins and how that was learnt', () => {
    const day = { by: 'learnt', fromMinutes: 960, toMinutes: 30, isUsed: true, seen: 2, refusedAt: 57_600_000, acceptedAt: 88_200_000 } as const
    const text = (shown: AccountView['quota']['day']): string => accountsText([{ ...account, quota: { ...account.quota, day: shown } }])
    expect(text(day)).toContain("its day begins between 16:00 and 00:30 UTC: refused 1970-01-01 16:00, released again 1970-01-02 00:30, by the vendor's clock, seen 2 times")
    expect(text({ ...day, seen: 1, isUsed: false })).toContain('seen once; counted by when seen once more')
    expect(text({ ...day, by: 'setting', fromMinutes: 960, toMinutes: 960 })).toContain('its day begins at 16:00 UTC, as set')
    expect(text(null)).toContain('any 24 hours')
  })

  it('of a picture of the phone: the file goes out whole; one that is none, empty or too large is told before the station is asked', () => {
    const file = join(folder, 'phone.png')
    writeFileSync(file, Uint8Array.of(0x89, 0x50, 0x4e, 0x47))
    expect(ask(`relay picture ${file}`)).toEqual({ name: 'relay.picture', params: { picture: 'iVBORw==' } })
    const codeOf = (): unknown => { try { return ask(`relay picture ${file}`) } catch (thrown) { return thrown instanceof Fault ? thrown.code : thrown } }
    writeFileSync(file, new Uint8Array(PICTURE_BYTES_MAX + 1))
    expect(codeOf()).toBe('picture.too-large')
    writeFileSync(file, '')
    expect(codeOf()).toBe('picture.unreadable')
    rmSync(file)
    expect(codeOf()).toBe('picture.unreadable')
  })

  it('of relayed codes says who allowed them, whose they are, and when the next one must be shown', () => {
    const view = { consent: null, accounts: [{ id: 'phone', region: 'EU' }], stated: null, waiting: null, isNextNeeded: false }
    expect(relayText(view)).toContain('off: a lead confirms')
    const text = relayText({ ...view, consent: { by: 'LEAD', at: 0 }, stated: 'phone', waiting: { account: 'phone', leftMs: 35_900 }, isNextNeeded: true })
    for (const part of ['allowed by LEAD on 1970-01-01 00:00', 'phone (EU); stated: phone', '35 s left', 'Show the next code on the phone']) expect(text).toContain(part)
  })

  it('of a plan is a pick list, oldest first, with the tote beside the name', () => {
    const row = (n: number, tote: string | null) => ({ unit: `u${n}` as UnitId, name: `RB-000${n}`, product: 'p', productName: { en: 'Gateway', zh: '网关' }, account: 'house', tote, since: n })
    const view: PlanView = {
      clock: { now: 0, rate: 1 }, today: [row(1, 'T-1'), row(2, null)], tomorrow: [row(3, 'T-3')], impossible: [], counts: { today: 2, tomorrow: 1, impossible: 0 },
      accounts: [{ account: 'house', units: 2, tokens: 1, left: 2, runsOutAt: 7_200_000 }], waves: 0, tokens: 1, daysMin: 2
    }
    expect(planText(view).split('\n').map(line => line.replaceAll(/ +/g, ' ').trim())).toEqual([
      'plan of 1970-01-01 00:00: 2 today, 1 tomorrow, 0 without permission; 0 waves, 1 token; at least 2 days',
      'account house: 2 units, 1 token, 2 seats left, used up about 1970-01-01 02:00 at this pace', '', 'TODAY, oldest first',
      '1 T-1 RB-0001 Gateway house since 1970-01-01 00:00', '2 - RB-0002 Gateway house since 1970-01-01 00:00', '', 'TOMORROW', '1 T-3 RB-0003 Gateway house since 1970-01-01 00:00'
    ])
  })
})
