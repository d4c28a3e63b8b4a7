/** IPv4 addresses as people write them, and the little arithmetic the bench needs of them. */

export interface Subnet { readonly address: string; readonly prefix: number }

export const NO_ADDRESS = '0.0.0.0'
export const EVERYBODY = '255.255.255.255'
const DOT = 0x2e
const DIGIT_0 = 0x30

/** Null for anything but four decimal numbers of 0 to 255; leading zeros are refused, as some read them as octal. */
export function parseAddress(text: string): number | null {
  if (text === NO_ADDRESS) return 0
  let [sum, part, digits, parts] = [0, 0, 0, 0]
  for (let i = 0; i <= text.length; i += 1) { // by hand: several times for each DHCP packet
    const code = i < text.length ? text.charCodeAt(i) : DOT
    if (code === DOT) {
      if (digits === 0 || part > 255 || parts === 4) return null
      sum = sum * 256 + part
      parts += 1
      part = digits = 0
    } else {
      if (code < DIGIT_0 || code > DIGIT_0 + 9 || digits === 3 || digits === 1 && part === 0) return null
      part = part * 10 + code - DIGIT_0
      digits += 1
    }
  }
  return parts === 4 ? sum : null
}

export function formatAddress(n: number): string {
  return n === 0 ? NO_ADDRESS : `${n >>> 24}.${n >>> 16 & 255}.${n >>> 8 & 255}.${n & 255}`
}

export function isInSubnet(address: string, subnet: Subnet): boolean {
  const [n, base] = [parseAddress(address), parseAddress(subnet.address)]
  return n !== null && base !== null && (n & maskBits(subnet.prefix)) === (base & maskBits(subnet.prefix))
}

/** Two subnets overlap when the wider of the two holds the other's base. */
export function isOverlapping(a: Subnet, b: Subnet): boolean {
  return isInSubnet(a.address, { address: b.address, prefix: Math.min(a.prefix, b.prefix) })
}

export function maskOf(prefix: number): string {
  return formatAddress(maskBits(prefix) >>> 0)
}

export function networkOf(subnet: Subnet): string {
  return formatAddress(((parseAddress(subnet.address) ?? 0) & maskBits(subnet.prefix)) >>> 0)
}

export function broadcastOf(subnet: Subnet): string {
  return formatAddress(((parseAddress(subnet.address) ?? 0) | ~maskBits(subnet.prefix)) >>> 0)
}

/** Both ends included, at most `max` of them; none where an end is no address. */
export function addressesBetween(first: string, last: string, max: number): readonly string[] {
  const [from, to] = [parseAddress(first), parseAddress(last)]
  if (from === null || to === null) return []
  return Array.from({ length: Math.max(0, Math.min(max, to - from + 1)) }, (_, i) => formatAddress(from + i))
}

/** An address one host can have: not this-network, loopback, multicast, reserved or broadcast (RFC 6890). */
export function isHostAddress(address: string): boolean {
  const first = (parseAddress(address) ?? 0) >>> 24
  return first !== 0 && first !== 127 && first < 224
}

/** As a signed 32-bit number, fit for bit arithmetic; `<< 32` would be `<< 0`. */
function maskBits(prefix: number): number {
  return prefix === 0 ? 0 : -1 << 32 - prefix
}
