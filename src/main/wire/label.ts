/**
 * The scan grammar (design/operator.md 5.1): the vendor app's own code where relaying is allowed, `OP:` badge, `P01` to `P48` lane, `TT:` tote, `RS:` reason, `AC:` account, `CM:` command card, `LB:` a unit's label, `EX:` an exercise of training, `RC:` a release certificate;
 * everything else is a unit code: a tag, a MAC, a GS1 code or the label of a vendor, as the formats given say. Full-width characters of a Chinese input method read like plain ones.
 */
import { KEYS, SCREEN_CARDS, type Alias } from '#shared'
import { Fault } from '../domain/fault.ts'
import { isChecked, type LabelFormats } from '../domain/label-format.ts'
import { bracketed, readGs1, type Element } from './gs1.ts'
import { readParts, type Part } from './label-parts.ts'
import { decodePairing } from './pairing.ts'

/** Those of the keys, the operator who goes, then the wave's; the last five state the lamp of the camera scanned before. */
const CARDS = [...KEYS.map(k => k.card), ...SCREEN_CARDS, 'LEAVE', 'WAVE', 'STOP', 'AGAIN', 'DARK', 'RED', 'RED-BLINKS', 'GREEN-BLINKS', 'GREEN'] as const
export type CommandCard = (typeof CARDS)[number]

export type Scan =
  | { readonly kind: 'operator'; readonly badge: string }
  | { readonly kind: 'lane'; readonly lane: number }
  | { readonly kind: 'tote'; readonly tote: string }
  | { readonly kind: 'reason'; readonly reason: string }
  /** Whose codes the phone shows from now on. */
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'command'; readonly command: CommandCard }
  | { readonly kind: 'exercise'; readonly name: string }
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
/** As a screen or a serial scanner may send. */
const SCAN_LENGTH_MAX = 512
const TELLING_CHARS_MIN = 8
/** As announced in `productKey`. */
const PRODUCT = /^[a-z0-9]{8,32}$/i
const LANE = /^P(0[1-9]|[1-3]\d|4[0-8])$/i
const CARD = /^(OP|TT|RS|CM|AC|LB|RC|EX):(.*)$/i
/** The rack's own code, whole or torn, carries the bench Wi-Fi and a token (`wire/pairing.ts`): never the tag of a unit. */
const PAIRING = /^\{.*"[pst]"\s*:/
/** `RC:` is followed by the UUID of the certificate and 32 hex digits of its hash. */
const CERTIFICATE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9a-f]{32})$/
/** GS1 codes separate their parts with this control character. */
const GROUP_SEPARATOR = '\u001d'
/** What a scanner may be set to send before each code: the kind of its symbol (ISO/IEC 15424). */
const AIM = /^\][A-Za-z][0-9A-Za-z]/
/** Control characters, marks that turn the direction of writing, line ends of any kind. */
const UNFIT = /[\p{C}\p{Zl}\p{Zp}]/u

/** Faults: `scan.unreadable`, `scan.unknown-command`, `scan.not-one-unit`. What was scanned never goes into the fault: it may be a secret. */
export function parseScan(text: string, formats: LabelFormats, hasRelay = false): Scan {
  if (text.length > SCAN_LENGTH_MAX) throw unreadable('too long', text)
  const sent = text.normalize('NFKC').trim()
  if (sent.length > SCAN_LENGTH_MAX) throw unreadable('too long', text) // some characters are many in plain
  const aim = AIM.exec(sent)?.[0] ?? ''
  const marked = sent.slice(aim.length).trim()
  const code = marked.replaceAll(GROUP_SEPARATOR, ';')
  if (UNFIT.test(code)) throw unreadable('control characters', text)
  const lane = LANE.exec(code)?.[1]
  if (lane !== undefined) return { kind: 'lane', lane: Number(lane) }
  const [, prefix, rest] = CARD.exec(code) ?? []
  if (prefix !== undefined && rest !== undefined) {
    const value = rest.trim()
    if (value === '' || value.length > (prefix.toUpperCase() === 'RC' ? CODE_LENGTH_MAX : VALUE_LENGTH_MAX)) throw unreadable('empty or long card', text)
    return parseCard(prefix.toUpperCase(), value)
  }
  if (hasRelay && PAIRING.test(code)) {
    const { token } = decodePairing(code)
    return { kind: 'relay', token: () => token }
  }
  if (PAIRING.test(code)) throw unreadable('pairing code', text)
  return parseUnit(marked, code, formats.gs1.symbologies.get(aim), formats)
}

function unreadable(reason: string, { length }: string): Fault {
  return new Fault('scan.unreadable', { reason, length })
}

/** `marked` has the separators of GS1, `code` has not. */
function parseUnit(marked: string, code: string, symbology: 'elements' | 'article' | undefined, formats: LabelFormats): Scan {
  if (symbology === 'article') throw isChecked(code) ? new Fault('scan.not-one-unit', { reason: 'article number' }) : unreadable('check digit', code)
  const gs1 = readGs1(marked, formats.gs1, symbology === 'elements')
  if (gs1 !== null) {
    if ('bad' in gs1) throw unreadable(gs1.bad, code)
    return unitOfElements(gs1.elements, formats)
  }
  if (code.length < CODE_LENGTH_MIN) throw unreadable('length', code)
  const read = readParts(code, formats.formats, null)
  const aliases = aliasesOf(read?.parts ?? [])
  // Twelve digits are nearly always an article number, and a wrong MAC would split the unit in two.
  const mac = /^\d{12}$/.test(code) ? null : normaliseMac(code)
  if (mac !== null) aliases.push({ kind: 'mac', value: mac })
  const isOfAll = read !== null && read.isWhole && read.parts.every(([field]) => field === 'product')
  if (read && aliases.length === 0 && (!read.format.keepsAll || isOfAll)) throw new Fault('scan.not-one-unit', { reason: read.format.id })
  if (code.length > CODE_LENGTH_MAX && aliases.length === 0) throw unreadable('length', code)
  const keepsAll = (read === null || read.format.keepsAll) && code.length <= CODE_LENGTH_MAX
  return unitOf(keepsAll ? code : tagOf(aliases), aliases, productOf(read?.parts ?? []))
}

/**
 * A serial number counts within its item, so both together are the name; alone it is one only where it can hardly be a mere
 * counter (GS1 General Specifications 3.5.2).
 */
function unitOfElements(elements: readonly Element[], formats: LabelFormats): Scan {
  const [item, serial, asset] = (['item', 'serial', 'asset'] as const).map(is => elements.find(e => e.is === is))
  const parts = readParts(bracketed(elements), formats.formats, elements)?.parts ?? []
  const aliases = aliasesOf([...serial && isTelling(serial.value) ? [['serial', serial.value] as const] : [], ...parts])
  const name = asset ? [asset] : item && serial ? [item, serial] : []
  if (name.length === 0 && aliases.length === 0) throw new Fault('scan.not-one-unit', { reason: item ? 'article number' : 'GS1' })
  const product = item ? formats.products.get(item.value.slice(0, 14)) ?? null : null
  return unitOf(name.length > 0 ? bracketed(name) : tagOf(aliases), aliases, productOf(parts) ?? product)
}

/** Letters and digits, and not few of them. */
function isTelling(serial: string): boolean {
  return serial.length >= TELLING_CHARS_MIN && /\d/.test(serial) && /[A-Z]/i.test(serial)
}

function unitOf(code: string, aliases: readonly Alias[], product: string | null): Scan {
  const tag: Alias = { kind: 'tag', value: code.toUpperCase() }
  return { kind: 'unit', code, aliases: [tag, ...aliases].slice(0, ALIASES_MAX), product }
}

/** Where the label as a whole is not kept. */
function tagOf(aliases: readonly Alias[]): string {
  return (['serial', 'uuid', 'deviceId', 'mac'] as const).map(kind => aliases.find(a => a.kind === kind)?.value).find(value => value !== undefined) ?? ''
}

function parseCard(prefix: string, value: string): Scan {
  switch (prefix) {
    case 'OP': return { kind: 'operator', badge: value }
    case 'TT': return { kind: 'tote', tote: value }
    case 'RS': return { kind: 'reason', reason: value }
    case 'EX': return { kind: 'exercise', name: value }
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

function aliasesOf(parts: readonly Part[]): Alias[] {
  const aliases: Alias[] = []
  for (const [field, said] of parts) {
    if (field === 'product') continue
    const value = field === 'mac' ? normaliseMac(said) : field === 'serial' ? said.toUpperCase() : said
    if (value !== null && !aliases.some(a => a.kind === field && a.value === value)) aliases.push({ kind: field, value })
  }
  return aliases
}

function productOf(parts: readonly Part[]): string | null {
  return parts.find(([field, value]) => field === 'product' && PRODUCT.test(value))?.[1] ?? null
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
