/**
 * Signing vectors of facts/tuya.md 7.1: client id, secret and both "old" values are the vendor's published samples; the
 * "new" values were computed from the described layout by the authors of the sheet, independently of our code.
 * Answers are the documented examples of 7.2 and 7.3.
 */
export const SIGNING = {
  clientId: '1KAD46OrT9HafiKdsXeg',
  secret: '4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC',
  t: 1588925778000,
  accessToken: '3f4eda2bdec17232f67c0b188af3eec1',
  nonce: '5138cc3a9033d69856923fd07b491173',
  signedHeaders: [['area_id', '29a33e8796834b1efa6'], ['call_id', '8afdb70ab2ed11eb85290242ac130003']]
} as const

export interface SigningVector {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly body?: string
  readonly isOldProject?: boolean
  readonly isBusiness: boolean
  readonly hasNonce: boolean
  readonly hasHeaders: boolean
  readonly sign: string
}

export const VECTORS: readonly SigningVector[] = [
  { name: 'old algorithm, token', method: 'GET', url: '/v1.0/token?grant_type=1', isOldProject: true, isBusiness: false, hasNonce: false, hasHeaders: false, sign: 'CEAAFB5CCDC2F723A9FD3E91D3D2238EE0DD9A6D7C3C365DEB50FC2AF277AA83' },
  { name: 'old algorithm, business', method: 'GET', url: '/v1.0/devices', isOldProject: true, isBusiness: true, hasNonce: false, hasHeaders: false, sign: '36C30E300F226B68ADD014DD1EF56A81EDB7B7A817840485769B9D6C96D0FAA1' },
  { name: 'token call, nonce and signed headers', method: 'GET', url: '/v1.0/token?grant_type=1', isBusiness: false, hasNonce: true, hasHeaders: true, sign: '9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E' },
  { name: 'business call, nonce and signed headers', method: 'GET', url: '/v2.0/apps/schema/users?page_no=1&page_size=50', isBusiness: true, hasNonce: true, hasHeaders: true, sign: 'AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784' },
  { name: 'token call, nothing optional', method: 'GET', url: '/v1.0/token?grant_type=1', isBusiness: false, hasNonce: false, hasHeaders: false, sign: '7BA26C076E5ECB1E959BE274A0FFB397B2B1865FC7BCED8F1C78AC5653C20CAA' },
  {
    name: 'business call with a body and a nonce', method: 'POST', url: '/v1.0/iot-03/device-registration/token',
    body: '{"asset_id":"1233213123123","time_zone_id":"Europe/Berlin","pairing_type":"AP"}', isBusiness: true, hasNonce: true, hasHeaders: false,
    sign: '7F695C9E19ACDD872B459AC292B2953C73BDD54E4F281FF438F1F3BEA527CDD3'
  },
  { name: 'bulk delete, comma in the query', method: 'DELETE', url: '/v1.0/iot-03/devices?device_ids=dev1,dev2', isBusiness: true, hasNonce: false, hasHeaders: false, sign: '1BEC0DBA984B6F67A8E8B3F6BB88506B86FF2FDB399CCE26639A2539618B5FA4' }
]

/** facts/tuya.md 7.3, example of the pairing token; the masked token is completed to its eight characters. */
export const PAIRING_ANSWER = '{"result":{"extension":{},"expire_time":300,"secret":"pr_0","token":"H73HabCd","region":"AY"},"t":1591257455025,"success":true}'

/** facts/tuya.md 7.3, result lists of the three API families, with one released and one refused unit each. */
export const RESULT_FAMILIES = {
  industry: {
    success_devices: [{ id: 'dev1', name: 'Camera', product_id: 'cam2qr0000000001', online: true, uuid: 'uuid1', ip: '10.77.0.21', lon: '', lat: '' }],
    error_devices: [{ id: 'dev2', name: 'Camera', error_code: '1106', error_msg: 'permission deny' }]
  },
  smartHome: {
    success: [{ device_id: 'dev1', product_id: 'cam2qr0000000001', category: 'sp', name: 'Camera' }],
    failed: [{ device_id: 'dev2', name: 'Camera', code: 1106, msg: 'permission deny' }]
  },
  core: {
    successDevices: [{ id: 'dev1', name: 'Camera', productId: 'cam2qr0000000001', online: true, uuid: 'uuid1', ip: '10.77.0.21', lon: '', lat: '' }],
    errorDevices: [{ id: 'dev2', name: 'Camera', errorCode: 1106, errorMsg: 'permission deny' }]
  }
} as const

/** Every code of the table in facts/tuya.md 7.4, and the class the sheet gives it. */
export const CODES_OF_THE_SHEET: readonly (readonly [code: number, sheetClass: 'retry' | 'permanent' | 'configuration' | 'bug' | 'access' | 'clock' | 'permission' | 'throttle' | 'device' | 'token' | 'subscription'])[] = [
  [500, 'retry'], [1000, 'permanent'], [1001, 'configuration'], [1005, 'configuration'], [1002, 'bug'], [1003, 'bug'], [1004, 'configuration'],
  [1010, 'access'], [1011, 'access'], [1012, 'access'], [1400, 'access'], [1013, 'clock'],
  [1100, 'bug'], [1101, 'bug'], [1102, 'bug'], [1103, 'bug'], [1104, 'bug'], [1105, 'bug'], [1109, 'bug'], [1106, 'permission'], [1108, 'subscription'],
  [1110, 'throttle'], [1111, 'throttle'], [1113, 'throttle'], [1199, 'throttle'], [1114, 'permanent'], [2001, 'device'],
  [2002, 'permanent'], [2003, 'permanent'], [2008, 'permanent'], [2009, 'permanent'], [2007, 'token'], [2010, 'permanent'], [2017, 'permanent'], [2406, 'permanent'],
  [28841001, 'subscription'], [28841002, 'subscription'], [28841003, 'subscription'], [28841004, 'subscription'], [28841101, 'subscription'], [28841106, 'subscription'],
  [28841102, 'subscription'], [28841103, 'subscription'], [28841104, 'subscription'], [28841105, 'permission'], [40001900, 'permission']
]

/**
 * facts/tuya.md 7.3, the calls of each family: verb and path as documented, the names a body must have and may have. IoT Core
 * documents no token call and borrows that of industry (16.1). The device is `dev1`, the token `H73HabCd`.
 */
export const CALLS_OF_FAMILIES = {
  'industry': {
    issue: ['POST', '/v1.0/iot-03/device-registration/token'], required: ['pairing_type', 'time_zone_id', 'asset_id'], optional: ['lon', 'lat', 'lang', 'extension'],
    results: ['GET', '/v1.1/iot-03/device-registration/tokens/H73HabCd'],
    delete: ['DELETE', '/v1.0/iot-03/devices/dev1'], reset: ['POST', '/v1.0/iot-03/devices/dev1/actions/reset'], partner: ['POST', '/v1.0/cloud/thing/devices/dev1/unbind']
  },
  'smart-home': {
    issue: ['POST', '/v1.0/device/paring/token'], required: ['paring_type', 'uid', 'timeZoneId'], optional: [],
    results: ['GET', '/v1.0/device/paring/tokens/H73HabCd'],
    delete: ['DELETE', '/v1.0/devices/dev1'], reset: ['PUT', '/v1.0/devices/dev1/reset-factory'], partner: ['POST', '/v1.0/cloud/thing/devices/dev1/unbind']
  },
  'iot-core': {
    issue: ['POST', '/v1.0/iot-03/device-registration/token'], required: ['pairing_type', 'time_zone_id', 'asset_id'], optional: ['lon', 'lat', 'lang', 'extension'],
    results: ['GET', '/v2.0/cloud/thing/active/token/H73HabCd'],
    delete: ['DELETE', '/v2.0/cloud/thing/dev1'], reset: ['POST', '/v2.0/cloud/thing/dev1/reset'], partner: ['POST', '/v1.0/cloud/thing/devices/dev1/unbind']
  }
} as const

/** facts/tuya.md 7.2: the documented answer to a token call, with words in the place of its dots. */
export const ACCESS_ANSWER = '{"success":true,"t":1591257455025,"result":{"access_token":"access-1","refresh_token":"refresh-1","expire_time":7200,"uid":"bay1"}}'
/** facts/tuya.md 16.2: smart home shows no life. */
export const SMART_HOME_ANSWER = '{"result":{"secret":"pr_0","token":"H73HabCd","region":"AY"},"t":1591257455025,"success":true}'
/** facts/tuya.md 7.2, failure envelope, with the code of "device not exist" (7.4). */
export const GONE_ANSWER = '{"code":2010,"msg":"device not exist","success":false,"t":1591257455025,"tid":"9f3a"}'
