// table
/**
 * Frames of the LAN protocol in hex, copied from facts/tuya.md section 5 (computed there and decoded by an independent
 * implementation), from facts/devices-and-consoles.md section 2 (seen on a wire), and keys from facts/tuya.md 4.4.
 * None of them was made by our own encoder.
 */

/** Hex to bytes. */
export const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const asciiOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** facts/tuya.md 4.4. */
export const KEYS = {
  K_udp: '6c1ec8e2bb9bb59ab50b0daf649b410a',
  K_ap: 'c6f23aef1cafb170b8d812d7509c8e6d',
  K_3: 'c9933f8c661b1a8bf604704cac03be60'
}

/** All GCM vectors of facts/tuya.md 5. */
export const NONCE = '000102030405060708090a0b'

/** facts/tuya.md 5, V1: UDP 6666, LAN 3.1, not activated. */
export const V1 = {
  json: '{"ip":"10.77.0.21","gwId":"01200885ecfabc87b0f0","active":0,"ability":0,"mode":0,"encrypt":true,"productKey":"key8u54q9dtru5jw","version":"3.1","token":true}',
  frame: '000055aa0000000000000000000000a9000000007b226970223a2231302e37372e302e3231222c2267774964223a223031323030383835656366616263383762306630222c22616374697665223a302c226162696c697479223a302c226d6f6465223a302c22656e6372797074223a747275652c2270726f647563744b6579223a226b657938753534713964747275356a77222c2276657273696f6e223a22332e31222c22746f6b656e223a747275657d615fa7de0000aa55'
}

/** V2: UDP 6667, LAN 3.3 gateway. */
export const V2 = {
  json: '{"ip":"10.77.0.22","gwId":"tuya0123456789abcdef","active":0,"ablilty":1,"encrypt":true,"productKey":"abcd1234efgh5678","version":"3.3","token":true}',
  frame: '000055aa0000000000000013000000ac000000002da8f809fd0114f52055925fb306dbb41c6095c664883c1b7e332645ca6661fb79c1a5bf56ec63f51a3f8d85881b61e0a02a297ac2cdbc64025a9d7086f102f9b69f701f04d8f6eca7d6e7281628d875ed2e82450cdafed37bc9435f8d19e95376c6c9f1af79c18238822f5ff90b1235278d7c192138c1816dd8e75106109615e224bc1b10e5ff84c7a643cc1b72a3dd7842e3487fa8589fdd8db2bdf147549b211c2ae60000aa55'
}

/** V3: UDP 7000, the question of an app. */
export const V3 = {
  json: '{"from":"app","ip":"10.77.0.1"}',
  frame: '00006699000000000000000000250000003b000102030405060708090a0bc73d7040b8f5dbebab727090f4d9039ea1591caab853d3952ed5c6551b62614a46f41f857ad2783892de38887b8f8100009966'
}

/** V4: the answer of a LAN 3.5 device to V3. */
export const V4 = {
  json: '{"ip":"10.77.0.23","gwId":"uuid0123456789abcdef","uuid":"uuid0123456789abcdef","active":0,"ablilty":0,"encrypt":true,"productKey":"abcd1234efgh5678","version":"3.5","sl":1}',
  frame: '0000669900000000000000000013000000cc000102030405060708090a0bbc1f1632acba90a1ab2922d1e6db16c0ff4b08baba41d1807e8cbf1f087a3e664da13fcaa551edd20115088adb29281555dd6a82c7be2a81d0054a670f36204a96c3d160e934c4cb3295f88b547571ee66fd6f2df869f42c9f6c59d3873b26bd4798678f570f9653e9dcf45372f494d54dd27fd7801d074d8014536015a89455f10438ca16c2afef013cb2f3988578eb2c7a22f987decbdf42e36a6357d5f85b450b81df0d39c94dd46832abefc85f4db70a9176548785db8f52ce0b0e9e9e1100009966'
}

/** V5: token hand-over, sequence 1; c and d are what a device says. */
export const V5 = {
  token: 'EUAbCd1234Ef56',
  json: '{"token":"EUAbCd1234Ef56"}',
  plain: '000055aa000000010000000c000000227b22746f6b656e223a224555416243643132333445663536227d4cd606f20000aa55',
  ecb: '000055aa000000010000000c0000002808c3d6b6077c5c756db998addbae5b3d217d03e56971aa36be8af36b2bf35a029277371d0000aa55',
  accept: '000055aa000000010000000c0000000c00000000275037c90000aa55',
  reject: '000055aa000000010000000c0000001d000000016461746120666f726d6174206572726f724e61bc150000aa55',
  rejectText: 'data format error',
  gcm: '000066990000000000010000000c00000036000102030405060708090a0bc73d625dbcfd97f3b33145b597976293e04915bccc05c8943b863c609d44c0d623caca78ba7c4636df0300009966'
}

/** V6: session keys (4.9). */
export const V6 = {
  localKey: '0123456789abcdef',
  a: '101112131415161718191a1b1c1d1e1f',
  b: '030a11181f262d343b424950575e656c',
  hmacA: '65635198bf06f585e07e8c9aeaab41ead0b27ea52a8cf149d76cd900014bd54d',
  hmacB: 'a5afcca7250a16e08904fd4a416bcaa2c72d7096881fca74a7ee51644b6f785e',
  key34: '844a6abea3cef20bc3df42470324a45d',
  key35: '82d26c330f94bdb249704bd73eaacad9',
  start35: '00006699000000000001000000030000002c000102030405060708090a0bed2ed60e0a612d21f03f1d01dc86ae327667b5d3b6b9fd951c81a4d7097ec1e900009966'
}

/** facts/devices-and-consoles.md 2: a question another client really sent; it writes a space after colon and comma. */
export const SEEN_QUESTION = {
  json: '{"from": "app", "ip": "10.77.0.1"}',
  frame: '00006699000000000000000000250000003e97ca45f935e12408fead0be4403df1abffc1a95fa63f7f53f106fddb451036bd0810f4dc4f5e24f3bd50ae3e3589e32d9e96b43d8adfde204296b4edd25400009966'
}
