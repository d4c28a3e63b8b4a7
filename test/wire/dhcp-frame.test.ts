import { expect, it } from 'vitest'
import { readAnswerFrame } from '../../src/main/wire/dhcp-frame.ts'
import { OUR_OFFER, UDHCPC_DISCOVER } from '../golden/dhcp.ts'

/** Ethernet II, IPv4 and UDP heads written by hand after RFC 894, 791 and 768. */
function frame(payload: Uint8Array, change: { readonly [at: number]: number } = {}, options = 0): Uint8Array {
  const head = Buffer.from(`ffffffffffff 020000770066 0800 4${(5 + options).toString(16)}00 0000 0000 0000 40 11 0000 c0a80901 ffffffff ${'01'.repeat(options * 4)}`.replaceAll(' ', ''), 'hex')
  const udp = Buffer.from([0, 67, 0, 68, payload.length + 8 >> 8, payload.length + 8 & 255, 0, 0])
  const bytes = Buffer.concat([head, udp, payload])
  for (const [at, byte] of Object.entries(change)) bytes[Number(at)] = byte
  return bytes
}

it('an answer tells the card that sent it, by its address and by the name of its server', () => {
  expect(readAnswerFrame(frame(OUR_OFFER))).toEqual({ mac: '02:00:00:77:00:66', servers: ['192.168.9.1', '10.77.0.1'] })
  expect(readAnswerFrame(frame(OUR_OFFER, {}, 2))?.mac).toBe('02:00:00:77:00:66') // with IP options
  expect(readAnswerFrame(Buffer.concat([frame(OUR_OFFER), Buffer.alloc(20)]))?.mac).toBe('02:00:00:77:00:66') // padded
})

it('what is no DHCP answer in one piece tells nothing', () => {
  for (const [why, bytes] of [
    ['a question', frame(UDHCPC_DISCOVER)], ['IPv6', frame(OUR_OFFER, { 12: 0x86, 13: 0xdd })], ['TCP', frame(OUR_OFFER, { 23: 6 })], ['a fragment', frame(OUR_OFFER, { 21: 8 })],
    ['more to follow', frame(OUR_OFFER, { 20: 0x20 })], ['another port', frame(OUR_OFFER, { 35: 66 })], ['a short header', frame(OUR_OFFER, { 14: 0x43 })], ['not version 4', frame(OUR_OFFER, { 14: 0x65 })], ['nothing', new Uint8Array(0)]
  ] as const) expect(readAnswerFrame(bytes), why).toBeNull()
})

it('a frame cut at any place tells the sender or nothing, and breaks nothing', () => {
  const whole = frame(OUR_OFFER)
  for (let length = 0; length < whole.length; length += 1) expect([null, '02:00:00:77:00:66']).toContain(readAnswerFrame(whole.subarray(0, length))?.mac ?? null)
  for (let at = 0; at < 60; at += 1) for (const byte of [0, 1, 0x7f, 0xff]) expect(() => readAnswerFrame(frame(OUR_OFFER, { [at]: byte }))).not.toThrow()
})
