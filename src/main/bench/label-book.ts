/** The label formats that come with the station, and before them those a bench has added in its data folder (`labels.json`). */
import shipped from '../../../resources/labels.json' with { type: 'json' }
import { Fault } from '../domain/fault.ts'
import { joinLabelFiles, parseLabelFile, type LabelFile, type LabelFormats } from '../domain/label-format.ts'
import type { Disk } from '../ports.ts'
import type { Log } from './log.ts'

const OWN = 'labels.json'
let shippedOnce: LabelFile | null = null

/** `fault`: why the file of the bench does not count; the shipped formats always do. */
export interface LabelBook { readonly formats: LabelFormats; readonly fault: Fault | null }

export function openLabelFormats(disk: Pick<Disk, 'read'> | null): LabelBook {
  shippedOnce ??= parseLabelFile(JSON.stringify(shipped), 'shipped')
  const bytes = disk?.read(OWN) ?? null
  try {
    const own = bytes === null ? [] : [parseLabelFile(new TextDecoder().decode(bytes), OWN)]
    return { formats: joinLabelFiles([...own, shippedOnce]), fault: null }
  } catch (thrown) {
    return { formats: joinLabelFiles([shippedOnce]), fault: Fault.from(thrown) }
  }
}

/** For a station: a mistake in the file of the bench is told, by its log and its scanner lamp, and stops nobody. */
export function labelBookOf(disk: Pick<Disk, 'read'>, log: Log): LabelBook {
  const book = openLabelFormats(disk)
  if (book.fault !== null) log.fault('the label formats of this bench do not count', book.fault)
  return book
}
