/**
 * The calls of the three endpoint families of the vendor's OpenAPI (facts/tuya.md 7.3): which path, verb and body issue a
 * token, tell its results, and let a device go. Pure; the shapes of the answers are read in wire/cloud.ts, whatever the family.
 */

/** industry: iot-03. smart-home: the app SDK's own. iot-core: documents no token call, so it is issued as in industry (16.1). */
export const FAMILIES = ['industry', 'smart-home', 'iot-core'] as const
export type Family = (typeof FAMILIES)[number]
/** The release call an account is allowed. */
export type ReleaseCall = 'delete' | 'reset' | 'partner'

export interface CloudCall { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly url: string; readonly body?: Uint8Array }
/** Whom a token is for: an asset (industry), or a user of the app (smart home). `product` is what it is to release. */
interface TokenWanted { readonly assetId: string; readonly uid: string; readonly timeZone: string; readonly product: string }

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const part = (text: string): string => encodeURIComponent(text)

export function issueCall(family: Family, { assetId, uid, timeZone, product }: TokenWanted): CloudCall {
  switch (family) {
    case 'smart-home': return { method: 'POST', url: '/v1.0/device/paring/token', body: json({ paring_type: 'AP', uid, timeZoneId: timeZone }) } // "paring", as the vendor spells it
    case 'industry':
    case 'iot-core': return {
      method: 'POST', url: '/v1.0/iot-03/device-registration/token',
      body: json({ pairing_type: 'AP', time_zone_id: timeZone, asset_id: assetId, extension: { purpose: 'unbind', productKey: product } })
    }
    default: return family satisfies never
  }
}

export function resultsCall(family: Family, token8: string): CloudCall {
  switch (family) {
    case 'industry': return { method: 'GET', url: `/v1.1/iot-03/device-registration/tokens/${part(token8)}` }
    case 'smart-home': return { method: 'GET', url: `/v1.0/device/paring/tokens/${part(token8)}` }
    case 'iot-core': return { method: 'GET', url: `/v2.0/cloud/thing/active/token/${part(token8)}` }
    default: return family satisfies never
  }
}

/** The partner cloud's call is the same for all. `extension`: what a self-test says of itself, else nothing. */
export function releaseCall(family: Family, how: ReleaseCall, deviceId: string, extension: object | null = null): CloudCall {
  const id = part(deviceId)
  if (how === 'partner') return { method: 'POST', url: `/v1.0/cloud/thing/devices/${id}/unbind`, ...(extension === null ? {} : { body: json({ extension }) }) }
  const isDelete = how === 'delete'
  switch (family) {
    case 'industry': return isDelete ? { method: 'DELETE', url: `/v1.0/iot-03/devices/${id}` } : { method: 'POST', url: `/v1.0/iot-03/devices/${id}/actions/reset` }
    case 'smart-home': return isDelete ? { method: 'DELETE', url: `/v1.0/devices/${id}` } : { method: 'PUT', url: `/v1.0/devices/${id}/reset-factory` }
    case 'iot-core': return isDelete ? { method: 'DELETE', url: `/v2.0/cloud/thing/${id}` } : { method: 'POST', url: `/v2.0/cloud/thing/${id}/reset` }
    default: return family satisfies never
  }
}
