// table
/** The vendor's seven data centres (facts/tuya.md 7.2) and the regions their tokens begin with (section 2). */

export interface DataCentre { readonly id: string; readonly name: string; readonly baseUrl: string; readonly region: string }

export const DATA_CENTRES: readonly DataCentre[] = [
  { id: 'cn', name: 'China', baseUrl: 'https://openapi.tuyacn.com', region: 'AY' },
  { id: 'us', name: 'Western America', baseUrl: 'https://openapi.tuyaus.com', region: 'AZ' },
  { id: 'ueaz', name: 'Eastern America', baseUrl: 'https://openapi-ueaz.tuyaus.com', region: 'UE' },
  { id: 'eu', name: 'Central Europe', baseUrl: 'https://openapi.tuyaeu.com', region: 'EU' },
  { id: 'weaz', name: 'Western Europe', baseUrl: 'https://openapi-weaz.tuyaeu.com', region: 'WE' }, // the region is inferred
  { id: 'in', name: 'India', baseUrl: 'https://openapi.tuyain.com', region: 'IN' },
  { id: 'sg', name: 'Singapore', baseUrl: 'https://openapi-sg.iotbing.com', region: 'SG' } // address from one source only; the region is our guess
]
