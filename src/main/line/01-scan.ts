/** Step 01: text from a scanner to what it means. Accepts only the grammar we print; a duplicate is named, never silent. */
import { parseScan, type Scan } from '../wire/label.ts'
import type { Instant } from '#shared'
import type { LabelFormats } from '../domain/label-format.ts'
import type { Sighting } from '../domain/unit.ts'

/** Faults: `scan.unreadable`, `scan.unknown-command`, `scan.not-one-unit`. */
export function readScan(text: string, formats: LabelFormats, hasRelay: boolean): Scan {
  return parseScan(text, formats, hasRelay)
}

/** A whole code of the vendor's own app, and nothing else. */
export function isPhoneCode(text: string, formats: LabelFormats): boolean {
  try {
    return parseScan(text, formats, true).kind === 'relay'
  } catch {
    return false
  }
}

/** A scanned unit code as a sighting. */
export function sightScan(scan: Extract<Scan, { kind: 'unit' }>, at: Instant): Sighting {
  return { kind: 'scan', at, aliases: scan.aliases, product: scan.product }
}
