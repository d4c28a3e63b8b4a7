/**
 * The scan grammar (design/operator.md 5.1): the vendor app's own code where relaying is allowed, `OP:` badge, `P01` to `P48` lane, `TT:` tote, `RS:` reason, `AC:` account, `CM:` command card, `LB:` a unit's label, `RC:` a release certificate;
 * everything else is a unit code. Full-width characters of a Chinese input method read like plain ones.
 */
import { KEYS, SCREEN_CARDS, type Alias } from '#shared'
import { Fault } from '../domain/fault.ts'
import { decodePairing } from './pairing.ts'

/** Those of the keys, then the wave's; the last five state the lamp of the camera scanned before. */
const CARDS = [...KEYS.map(k => k.card), ...SCREEN_CARDS, 'WAVE', 'STOP', 'AGAIN', 'DARK', 'RED', 'RED-BLINKS', 'GREEN-BLINKS', 'GREEN'] as const
export type CommandCard = (typeof CARDS)[number]

export type Scan =
  | { readonly kind: 'operator'; readonly badge: string }
  | { readonly kind: 'lane'; readonly lane: number }
  | { readonly kind: 'tote'; readonly tote: string }
  | { readonly kind: 'reason'; readonly reason: string }
  /** Whose codes the phone shows from now on. */
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'command'; readonly command: CommandCard }
  /** A label of ours, scanned back. */
  | { readonly kind: 'label'; readonly label: string }
  /** The code on a release certificate of ours: its id and the first half of its hash, hex. */
  | { readonly kind: 'certificate'; readonly id: string; readonly hash: string }
  /** The code of the vendor's own app. Its token is a secret: told by a function, so that it never prints. */
  | { readonly kind: 'relay'; readonly token: () => string }
  | { readonly kind: 'unit'; readonly code: string; readonly aliases: readonly Alias[]; /** As announced in `productKey`, when the label says it. */ readonly product: string | null }

const CODE_LENGTH_MIN = 2
const CODE_LENGTH_MAX = 128
const VALUE_LENGTH_MAX = 64
const ALIASES_MAX = 8
const LANE = /^P(0[1-9]|[1-3]\d|4[0-8])$/i
const CARD = /^(OP|TT|RS|CM|AC|LB|RC):(.*)$/i
/** The rack's own code, whole or torn, carries the bench Wi-Fi and a token (`wire/pairing.ts`): never the tag of a unit. */
const PAIRING = /^\{.*"[pst]"\s*:/
/** `RC:` is followed by the UUID of the certificate and 32 hex digits of its hash. */
const CERTIFICATE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9a-f]{32})$/
/** GS1 codes separate their parts with this control character. */
const GROUP_SEPARATOR = '\u001d'

/** Faults: `scan.unreadable`, `scan.unknown-command`. What was scanned never goes into the fault: it may be a secret. */
export function parseScan(text: string, hasRelay = false): Scan {
  const unreadable = (reason: string): Fault => new Fault('scan.unreadable', { reason, length: text.length })
  if (text.length > 4 * CODE_LENGTH_MAX) throw unreadable('too long')
  const code = text.normalize('NFKC').replaceAll(GROUP_SEPARATOR, ';').trim()
  if (/\p{C}/u.test(code)) throw unreadable('control characters')
  const lane = LANE.exec(code)?.[1]
  if (lane !== undefined) return { kind: 'lane', lane: Number(lane) }
  const [, prefix, rest] = CARD.exec(code) ?? []
  if (prefix !== undefined && rest !== undefined) {
    const value = rest.trim()
    if (value === '' || value.length > (prefix.toUpperCase() === 'RC' ? CODE_LENGTH_MAX : VALUE_LENGTH_MAX)) throw unreadable('empty or long card')
    return parseCard(prefix.toUpperCase(), value)
  }
  if (hasRelay && PAIRING.test(code)) {
    const { token } = decodePairing(code)
    return { kind: 'relay', token: () => token }
  }
  if (code.length < CODE_LENGTH_MIN || code.length > CODE_LENGTH_MAX) throw unreadable('length')
  if (PAIRING.test(code)) throw unreadable('pairing code')
  return { kind: 'unit', code, aliases: aliasesOf(code), product: productOf(code) }
}

function parseCard(prefix: string, value: string): Scan {
  switch (prefix) {
    case 'OP': return { kind: 'operator', badge: value }
    case 'TT': return { kind: 'tote', tote: value }
    case 'RS': return { kind: 'reason', reason: value }
    case 'AC': return { kind: 'account', account: value }
    case 'LB': return { kind: 'label', label: value.toUpperCase() }
    case 'RC': {
      const [, id = '', hash = ''] = CERTIFICATE.exec(value.toLowerCase()) ?? []
      return { kind: 'certificate', id, hash }
    }
    default: {
      const command = CARDS.find(card => card === value.toUpperCase())
      if (command === undefined) throw new Fault('scan.unknown-command', { length: value.length })
      return { kind: 'command', command }
    }
  }
}

/** Named parts of a label: `MAC:..;SN:..`, `mac=..&sn=..`, JSON, a URL with a query. The address of a radio is not the unit's. */
const NAMED = /(?<![a-z0-9])(?<!(?:bt|ble|bluetooth)[ _-]?)(mac(?:[ _-]?addr(?:ess)?)?|sn|s\/n|serial(?:[ _-]?(?:no|number))?|uuid)["']?\s*[:=]\s*["']?([^\s;,|&"'{}]{2,64})/gi

/** `PID:..`, `productKey=..`, or the `p` of the vendor's own label URL (facts/devices-and-consoles.md 3.3). */
const PRODUCT = /(?:(?<![a-z0-9])(?:pid|product[ _-]?(?:key|id))["']?\s*[:=]\s*["']?|\/s\/p\?(?:[^#]*&)?p=)([a-z0-9]{8,32})(?![a-z0-9])/i

function productOf(code: string): string | null {
  return PRODUCT.exec(code)?.[1] ?? null
}

function aliasesOf(code: string): Alias[] {
  const aliases: Alias[] = [{ kind: 'tag', value: code.toUpperCase() }]
  const add = (kind: Alias['kind'], value: string | null): void => {
    if (value === null || aliases.length >= ALIASES_MAX || aliases.some(a => a.kind === kind && a.value === value)) return
    aliases.push({ kind, value })
  }
  // Twelve digits are nearly always an article number, and a wrong MAC would split the unit in two.
  if (!/^\d{12}$/.test(code)) add('mac', normaliseMac(code))
  for (const [, name = '', value = ''] of code.matchAll(NAMED)) {
    const key = name.toLowerCase()
    if (key.startsWith('mac')) add('mac', normaliseMac(value))
    else if (key === 'uuid') add('uuid', value)
    else add('serial', value.toUpperCase())
  }
  return aliases
}

/** `aa:bb:cc:dd:ee:ff` from any usual spelling; null for anything else and for addresses no single card can have. */
export function normaliseMac(text: string): string | null {
  const bare = text.trim()
  const isSpelled = /^[0-9a-f]{12}$/i.test(bare) || /^[0-9a-f]{2}([:\-. ])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$/i.test(bare) || /^[0-9a-f]{4}([:\-.])[0-9a-f]{4}\1[0-9a-f]{4}$/i.test(bare)
  if (!isSpelled) return null
  const octets = bare.replaceAll(/[^0-9a-f]/gi, '').toLowerCase().match(/../g) ?? []
  const isGroup = (Number.parseInt(octets[0] ?? '0', 16) & 1) === 1 // IEEE 802: lowest bit of the first octet; broadcast too
  return isGroup || octets.every(octet => octet === '00') ? null : octets.join(':')
}
