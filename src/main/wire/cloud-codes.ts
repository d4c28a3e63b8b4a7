// table
/**
 * Every code the vendor's cloud is known to say (facts/tuya.md 7.4), the fault it becomes and what the client may try
 * by itself. A code that is not here becomes `cloud.unknown-code` with number, text and tid; none falls through.
 */
import type { FaultCode } from '#shared'

/** refresh: the access token is renewed. renew: a new one is fetched. reclock: sign once more with the server's time. wait: the account pauses. */
export type Remedy = 'none' | 'refresh' | 'renew' | 'reclock' | 'wait'
export interface CloudCode { readonly fault: FaultCode; readonly remedy: Remedy }

const code = (fault: FaultCode, remedy: Remedy = 'none'): CloudCode => ({ fault, remedy })

/** Ours: the vendor documents no code for these (facts/tuya.md 16.4), so only our virtual cloud says them. Text, so that nobody takes them for the vendor's. */
export const VIRTUAL_CODES = {
  accountQuota: 'VIRTUAL_ACCOUNT_QUOTA',
  productQuota: 'VIRTUAL_PRODUCT_QUOTA',
  seatsUsedUp: 'VIRTUAL_SEATS_USED_UP',
  wrongRegion: 'VIRTUAL_WRONG_REGION'
} as const

export const CLOUD_CODES: ReadonlyMap<string, CloudCode> = new Map([
  ['500', code('cloud.busy', 'wait')], // system error
  ['1000', code('cloud.refused')], // data not exist
  ['1001', code('cloud.key-invalid')], // secret invalid
  ['1002', code('program.unexpected')], // access_token is null: we forgot to send it
  ['1003', code('program.unexpected')], // grant type invalid
  ['1004', code('cloud.key-invalid')], // sign invalid: wrong secret, as our signing is proven by golden vectors
  ['1005', code('cloud.key-invalid')], // clientId invalid
  ['1010', code('cloud.key-invalid', 'refresh')], // token is expired
  ['1011', code('cloud.key-invalid', 'renew')], // token invalid
  ['1012', code('cloud.key-invalid', 'renew')], // token status invalid
  ['1013', code('cloud.clock-wrong', 'reclock')], // request time is invalid
  ['1100', code('program.unexpected')], // parameter and header errors, up to 1105 and 1109
  ['1101', code('program.unexpected')],
  ['1102', code('program.unexpected')],
  ['1103', code('program.unexpected')],
  ['1104', code('program.unexpected')],
  ['1105', code('program.unexpected')],
  ['1106', code('cloud.no-permission')], // permission deny
  ['1108', code('cloud.subscription')], // uri path invalid: seen where the API product is missing from the project
  ['1109', code('program.unexpected')],
  ['1110', code('cloud.busy', 'wait')], // concurrency, busy, repeated, too frequent
  ['1111', code('cloud.busy', 'wait')],
  ['1113', code('cloud.busy', 'wait')],
  ['1114', code('cloud.refused')], // address not on the allow-list of the project
  ['1199', code('cloud.busy', 'wait')],
  ['1400', code('cloud.key-invalid', 'renew')], // token invalid
  ['2001', code('unit.silent')], // device is offline
  ['2002', code('cloud.refused')], // no devices, or not supported
  ['2003', code('cloud.refused')],
  ['2007', code('token.expired')], // device token expired
  ['2008', code('cloud.refused')],
  ['2009', code('cloud.refused')],
  ['2010', code('cloud.refused')], // device not exist; a delete call takes it as done
  ['2017', code('cloud.refused')], // schema does not exist: the project is not set up for this app
  ['2406', code('cloud.refused')], // skill id invalid: wrong data centre or app
  ['28841001', code('cloud.subscription')], // plan missing, expired, overdue
  ['28841002', code('cloud.subscription')],
  ['28841003', code('cloud.subscription')],
  ['28841004', code('cloud.subscription')], // monthly calls of the trial plan used up: not the 100 units a day
  ['28841101', code('cloud.subscription')], // API not subscribed
  ['28841102', code('cloud.subscription')], // subscription expired
  ['28841103', code('cloud.subscription')], // bill overdue
  ['28841104', code('cloud.subscription')], // API call quota exhausted: not the 100 units a day
  ['28841105', code('cloud.no-permission')], // project is not authorised to call this API
  ['28841106', code('cloud.subscription')],
  ['40001900', code('cloud.no-permission')], // no space permission
  [VIRTUAL_CODES.accountQuota, code('quota.account-spent')],
  [VIRTUAL_CODES.productQuota, code('quota.product-spent')],
  [VIRTUAL_CODES.seatsUsedUp, code('token.expired')],
  [VIRTUAL_CODES.wrongRegion, code('cloud.other-centre')]
])
