/**
 * The command line of the cloud side: `plan`, `account`, `unmatched`. A secret comes from a file of mode 600, from the
 * environment or from a pipe, never from the command line, where others can read it; and none is ever printed.
 */
import { readFileSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { counted, FAULTS, GRANT_ROUTES, LANGUAGES, PICTURE_BYTES_MAX, type AccountView, type DayView, type PlanRow, type PlanView, type RelayView, type UnmatchedView } from '#shared'
import { Fault } from './domain/fault.ts'

export const CLOUD_USAGE = `  plan                 what can be released today, by which account, oldest first; what is left for tomorrow
  account list         accounts, what they may do, what is left of their day
  account add ID       enter or change an account: --client-id ID --centre cn|us|ueaz|eu|weaz|in|sg or --base-url URL, --asset ID,
                       --products KEY,KEY --source openapi|relay|file --release none|delete|reset|partner --region XX
                       --family industry|smart-home|iot-core --uid USER (of the app, for smart-home);
                       its secret: --secret-file FILE (mode 600), --secret-env NAME, or piped to standard input
  account test ID      sign in and ask for each product  [--product KEY]; these three also while no station runs
  account remove ID    forget an account that was entered here
  relay                codes of the vendor's own app: who allowed them, whose they are, whether the next one is needed
  relay allow|forbid   as a lead: the vendor's terms allow it, or do not
  relay account ID|any whose codes are shown from now on
  relay code           takes the text of a code from standard input
  relay picture FILE   takes the code in a PNG or JPEG picture of the phone
  unmatched            results of the cloud that name no unit we know
  unmatched link N UNIT | unmatched dismiss N REASON
`
export const CLOUD_VERBS: ReadonlySet<string> = new Set(['plan', 'account', 'relay', 'unmatched'])
const SECRET_BYTES_MAX = 4096

export interface CloudQuestion { readonly name: string; readonly params: unknown; readonly asText: (value: unknown) => string; readonly isJson: boolean; readonly data: string | undefined }

/** null: no such verb. Throws in words for a wrong option. Faults: `config.invalid` for a secret that others can read. */
export function cloudQuestion(words: readonly string[], env: Readonly<Record<string, string | undefined>>): CloudQuestion | null {
  const option = { type: 'string' } as const
  const { values, positionals: [verb, what, ...rest] } = parseArgs({
    args: [...words], allowPositionals: true,
    options: {
      'json': { type: 'boolean', default: false }, 'data': option, 'client-id': option, 'centre': option, 'base-url': option, 'asset': option, 'products': option, 'source': option, 'release': option,
      'region': option, 'family': option, 'uid': option, 'secret-file': option, 'secret-env': option, 'product': option
    }
  })
  const [first, ...more] = rest
  const ask = (name: string, params: unknown, asText: (value: unknown) => string): CloudQuestion => ({ name, params, asText, isJson: values.json, data: values.data })
  const asAccount = (value: unknown): string => accountsText([value as AccountView]) // the gate pairs name and view by the door table
  const asUnmatched = (value: unknown): string => unmatchedText(value as readonly UnmatchedView[]) // as above
  const asRelay = (value: unknown): string => relayText(value as RelayView) // as above
  const given = (pairs: Readonly<Record<string, unknown>>): object => Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== undefined))
  switch (`${verb} ${what ?? ''}`.trim()) {
    case 'plan': return ask('quota.plan', {}, value => planText(value as PlanView)) // as above
    case 'account list': return ask('account.list', {}, value => accountsText(value as readonly AccountView[])) // as above
    case 'account test': return first === undefined ? null : ask('account.test', given({ account: first, product: values.product }), asAccount)
    case 'account remove': return first === undefined ? null : ask('account.remove', { account: first }, () => 'removed')
    case 'account add': return first === undefined ? null : ask('account.add', given({
      id: first, clientId: values['client-id'], centre: values.centre, baseUrl: values['base-url'], assetId: values.asset, products: values.products?.split(',').filter(key => key !== ''),
      source: values.source, release: values.release, region: values.region, family: values.family, uid: values.uid, secret: readSecret(values['secret-file'], values['secret-env'], env, values.source ?? 'openapi')
    }), asAccount)
    case 'relay':
    case 'relay list': return ask('relay.view', {}, asRelay)
    case 'relay allow':
    case 'relay forbid': return ask('relay.allow', { isAllowed: what === 'allow' }, asRelay)
    case 'relay account': return first === undefined ? null : ask('relay.state', { account: first === 'any' ? null : first }, asRelay)
    case 'relay code': return ask('scan', { text: readPiped() }, () => 'taken')
    case 'relay picture': return first === undefined ? null : ask('relay.picture', { picture: readPicture(first) }, () => 'taken')
    case 'unmatched':
    case 'unmatched list': return ask('unmatched.list', {}, asUnmatched)
    case 'unmatched link': return more.length !== 1 ? null : ask('unmatched.link', { result: Number(first), unit: more[0] }, asUnmatched)
    case 'unmatched dismiss': return more.length === 0 ? null : ask('unmatched.dismiss', { result: Number(first), reason: more.join(' ') }, asUnmatched)
    default: return null
  }
}

function readSecret(file: string | undefined, name: string | undefined, env: Readonly<Record<string, string | undefined>>, source: string): string | undefined {
  if (name !== undefined) {
    const value = env[name]
    if (value === undefined || value === '') throw new Fault('config.invalid', { complaints: `--secret-env: ${name} is not set` })
    return value
  }
  if (file !== undefined) {
    const mode = process.platform === 'win32' ? 0o600 : statSync(file).mode & 0o777 // Windows has no such bits
    if ((mode & 0o077) !== 0) throw new Fault('config.invalid', { complaints: `${file}: can be read by others; type: chmod 600 ${file}` })
    return readFileSync(file, 'utf8').trim().slice(0, SECRET_BYTES_MAX)
  }
  if (source !== 'openapi' || process.stdin.isTTY) return undefined
  const typed = readPiped()
  return typed === '' ? undefined : typed
}

/** In base64. Faults: `picture.unreadable` when there is no such file, `picture.too-large`. */
function readPicture(file: string): string {
  let bytes: Buffer
  try {
    const { size } = statSync(file)
    if (size > PICTURE_BYTES_MAX) throw new Fault('picture.too-large', { bytes: size })
    bytes = readFileSync(file)
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : new Fault('picture.unreadable', { file, reason: thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown) }, thrown)
  }
  if (bytes.byteLength === 0) throw new Fault('picture.unreadable', { file, reason: 'empty' })
  return bytes.toString('base64')
}

function readPiped(): string { return readFileSync(0, 'utf8').trim().slice(0, SECRET_BYTES_MAX) }

/** A pick list that can be printed and taken to the shelf. */
export function planText(view: PlanView): string {
  const { counts } = view
  const time = timeOf
  const rows = (list: readonly PlanRow[]): string[] => list.map((r, i) => `${String(i + 1).padStart(4)}  ${(r.tote ?? '-').padEnd(12)}  ${plain(r.name).padEnd(18)}  ${plain(r.productName.en).padEnd(24)}  ${(r.account ?? '').padEnd(12)}  since ${time(r.since)}`)
  return [
    `plan of ${time(view.clock.now)}: ${counts.today} today, ${counts.tomorrow} tomorrow, ${counts.impossible} without permission; ${counted(view.waves, 'wave')}, ${counted(view.tokens, 'token')}; at least ${counted(view.daysMin, 'day')}`,
    ...view.accounts.map(a => `account ${a.account}: ${counted(a.units, 'unit')}, ${counted(a.tokens, 'token')}, ${counted(a.left, 'seat')} left${a.runsOutAt === null ? '' : `, used up about ${time(a.runsOutAt)} at this pace`}`),
    ...section('TODAY, oldest first', rows(view.today)), ...section('TOMORROW', rows(view.tomorrow)), ...section('NO ACCOUNT MAY UNBIND THESE', rows(view.impossible))
  ].join('\n')
}

export function accountsText(accounts: readonly AccountView[]): string {
  if (accounts.length === 0) return 'no accounts'
  const text = accounts.map(a => [
    `${a.id}  ${a.source}${a.release === 'none' ? '' : `, then ${a.release}`}${a.source === 'openapi' ? ` (${a.family})` : ''}, ${a.region} ${a.baseUrl}, access id …${a.clientIdEnd}, ${a.origin === 'config' ? 'of the configuration' : `entered here, secret kept by: ${a.secretKind}`}`,
    `  today: ${a.quota.spent} spent, ${a.quota.reserved} reserved of ${a.quota.cap}${a.quota.refusedAt === null ? '' : ', the vendor says it is used up'}; ${counted(a.inUse, 'open job')}`,
    dayText(a.quota.day),
    ...a.fault === null ? [] : [`  ${FAULTS[a.fault.code].title.en} (${a.fault.code}): ${FAULTS[a.fault.code].action.en}`],
    ...a.products.map(p => `  ${p.state.padEnd(8)}${p.product}  ${plain(p.productName.en)}`)
  ].join('\n'))
  const isDenied = accounts.some(a => a.products.some(p => p.state === 'denied'))
  return [...text, ...isDenied ? [grantText()] : []].join('\n')
}

/** Who can grant it and where, in every language. */
export function grantText(): string {
  return LANGUAGES.map(language => GRANT_ROUTES.map(route => [
    '', route.title[language], `  ${route.who[language]}`, ...route.steps.map((step, i) => `  ${i + 1}. ${step[language]}`)
  ].join('\n')).join('\n')).join('\n')
}

/** 'hh:mm' of minutes after midnight. */
const clockOf = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

function dayText(day: DayView | null): string {
  if (day === null) return '  its day: not known yet; any 24 hours hold no more than a day may'
  if (day.by === 'setting') return `  its day begins at ${clockOf(day.fromMinutes)} UTC, as set (quota.dayStart)`
  const how = `refused ${timeOf(day.refusedAt ?? 0)}, released again ${timeOf(day.acceptedAt ?? 0)}, by the vendor's clock, seen ${day.seen === 1 ? 'once' : `${day.seen} times`}`
  return `  its day begins between ${clockOf(day.fromMinutes)} and ${clockOf(day.toMinutes)} UTC: ${how}${day.isUsed ? '' : '; counted by when seen once more'}`
}

export function relayText(view: RelayView): string {
  const { consent, accounts, stated, waiting, isNextNeeded } = view
  return [
    consent === null ? "off: a lead confirms that the vendor's terms allow it by: unbindery relay allow" : `allowed by ${plain(consent.by)} on ${timeOf(consent.at)}`,
    `accounts: ${accounts.length === 0 ? 'none' : accounts.map(a => `${a.id} (${a.region})`).join(', ')}; ${stated === null ? 'by the data centre of the code' : `stated: ${stated}`}`,
    ...waiting === null ? [] : [`a code of ${waiting.account} is at hand, ${Math.floor(waiting.leftMs / 1000)} s left`],
    ...isNextNeeded ? [FAULTS['relay.next-code'].action.en] : []
  ].join('\n')
}

export function unmatchedText(results: readonly UnmatchedView[]): string {
  if (results.length === 0) return 'every result has its unit'
  return results.map(r => `${String(r.result).padStart(8)}  ${new Date(r.at).toISOString().slice(0, 19).replace('T', ' ')}  ${r.account ?? '-'}  ${r.ok ? 'released' : `refused ${r.code ?? ''}`}  uuid ${plain(r.uuid ?? '-')}  device ${plain(r.deviceId ?? '-')}  tid ${plain(r.tid)}`).join('\n')
}

const timeOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')
const section = (title: string, rows: readonly string[]): string[] => rows.length === 0 ? [] : ['', title, ...rows]

/** Names come from labels and from the cloud: nothing in them may steer the terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 60)
}
