/** The verbs of paper-verbs.ts by name and usage; apart from them, so that help loads nothing. */
export const PAPER_VERBS: ReadonlySet<string> = new Set(['cards', 'label', 'printer', 'picklist', 'handover'])
export const PAPER_USAGE = `  cards --what commands|lights|reasons|ports|badges|totes   scan cards to print  [--names 1001,1002] [--out FILE]
  label UNIT           the label of a unit, by the printer      [--reason TEXT] [--out FILE as PDF] [--void]
  printer              the label printer, and what waits for it [test] [sample --out FILE]
  picklist             units that wait for the new day, oldest first, as PDF  [--out FILE]
  handover             the hand-over sheet of the shift, as PDF [--out FILE]
`
