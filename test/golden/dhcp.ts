/**
 * DHCP packets that our codec did not make. Recorded from a veth pair between network namespaces: busybox udhcpc 1.35.0
 * and ISC dhclient 4.4.3 as clients, dnsmasq 2.90 as the server. The killers are those of facts/dhcp.md 2.5.
 */

/** `[00*20]` is twenty zero bytes; blanks are nothing. */
export function hex(text: string): Uint8Array {
  const plain = text.replaceAll(/\[([0-9a-f]{2})\*(\d+)\]/g, (_, byte: string, count: string) => byte.repeat(Number(count))).replaceAll(/\s/g, '')
  return Uint8Array.from(plain.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

export const UDHCPC_DISCOVER = hex('01010600c2fb062f [00*20] 020000770064 [00*202] 63825363 350101 39020240 37070103060c0f1c2a 0c0563616d2d37 3c0c756468637020312e33352e30 3d0701020000770064 ff [00*13]')
export const UDHCPC_REQUEST = hex('01010600c2fb062f [00*20] 020000770064 [00*202] 63825363 350103 32040a4d001a 36040a4d0001 39020240 37070103060c0f1c2a 0c0563616d2d37 3c0c756468637020312e33352e30 3d0701020000770064 ff 00')
export const DHCLIENT_INIT_REBOOT = hex('01010600080b593a [00*20] 020000770064 [00*202] 63825363 350103 32040a4d001a 0c056e76722039 37040103062a 3c034e5652 ff [00*32]')
export const DNSMASQ_OFFER = hex('02010600c2fb062f [00*8] 0a4d001a0a4d000100000000 020000770064 [00*202] 63825363 350102 36040a4d0001 330400000258 3a040000012c 3b040000020d 0104ffffff00 1c040a4d00ff 06040a4d0001 03040a4d0001 ff [00*8]')
export const DNSMASQ_ACK = hex('02010600080b593a [00*8] 0a4d001a0a4d000100000000 020000770064 [00*202] 63825363 350105 36040a4d0001 330400000258 3a040000012c 3b040000020d 0104ffffff00 1c040a4d00ff 06040a4d0001 03040a4d0001 ff [00*8]')

/** What our server has to say to UDHCPC_DISCOVER for 10.77.0.20: written by hand after RFC 2131 table 3; 301 bytes need no padding. */
export const OUR_OFFER = hex('02010600c2fb062f [00*8] 0a4d0014 [00*8] 020000770064 [00*202] 63825363 350102 36040a4d0001 330400000258 3a040000012c 3b040000020d 0104ffffff00 03040a4d0001 06040a4d0001 1c040a4d00ff 3d0701020000770064 ff')

const HEAD = '0101060000000001 [00*20] 0200c0ffee01 [00*202] 63825363'
/** facts/dhcp.md 2.5: each of these ends the npm package; whether ours may read it, or must count it as malformed. */
export const KILLERS: readonly { readonly name: string; readonly bytes: Uint8Array; readonly isPacket: boolean }[] = [
  { name: 'an option list that asks for 60', bytes: hex(`${HEAD} 350101 3704 0103063c ff`), isPacket: true },
  { name: 'the same, shrunk, without a cookie', bytes: hex('010106 [00*237] 350001 3704 0000003c'), isPacket: false },
  { name: 'no option 53', bytes: hex('010106 [00*237]'), isPacket: false },
  { name: 'htype and hlen of nothing', bytes: hex('[00*230]'), isPacket: false },
  { name: 'a truncated option', bytes: hex('000106 [00*237] b5'), isPacket: false },
  { name: 'an empty datagram', bytes: new Uint8Array(0), isPacket: false },
  { name: 'op 0', bytes: hex('000106 [00*237]'), isPacket: false },
  { name: 'an option list that asks unknown numbers', bytes: hex(`${HEAD} 350101 3703 4d61ff ff`), isPacket: true },
  { name: 'a cut cookie', bytes: hex('000106 [00*227]'), isPacket: false },
  { name: 'option 57 at the end without its data', bytes: hex(`${HEAD} 350101 39 00`), isPacket: false },
  { name: 'one pad before 53', bytes: hex(`${HEAD} 00 350101 ff`), isPacket: true }
]

/** Options spread over the options field, `file` (128 bytes) and `sname` (64 bytes): 52 = 3, host name split in three. */
export const OVERLOADED = hex('0101060000000007 [00*20] 0200c0ffee01 [00*10] 0c0363686f 00ff [00*57] 0c036e6f6d 37020103 ff [00*118] 63825363 340103 350101 0c0363616d ff')
