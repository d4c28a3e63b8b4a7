/** The verbs of record-verbs.ts by name and usage; apart from them, so that help loads nothing native. */
export const RECORD_VERBS: ReadonlySet<string> = new Set(['verify', 'export', 'certificate', 'sync', 'timeline', 'views'])
export const RECORD_USAGE = `  timeline UNIT        everything one unit has been through    [--vendor: ask the vendor's own log first]
  views                saved views of history                   [save NAME FILTER-JSON [--shared] | remove NAME]
  export --format csv|jsonl   verdicts, or all facts           [--out FILE] [--file LEDGER]
                       units, history and export take     [--from DAY] [--to DAY] [--operator NAME]
                       units and export also              [--product KEY] [--account ID] [--outcome OUTCOME] [--reason CODE]
  certificate UNIT     the signed release certificate of a proven unit  [--pdf] [--out FILE]
  verify               has history been changed?               [--heads FILE kept by a receiver] [--file LEDGER]
  verify FILE          is a certificate (JSON or PDF) or a record of a checked bench valid?  [--key HEX] [--keys FILE]
  sync                 how far each destination has come       [test NAME | replay NAME FROM]
`
