// table
/** Words of labels, certificates, cards and the printer. */
import { type Group, words } from './words.ts'

export const PAPER = {
  'lamp.printer': words('Printer', '打印机'),
  'scan.label': words('Label', '标签'),
  'scan.certificate': words('Certificate', '证书')
} as const satisfies Group
