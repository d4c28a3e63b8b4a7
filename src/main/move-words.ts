/** The verbs of move-verbs.ts and support-verb.ts by name and usage; apart from them, so that help loads nothing native. */
export const MOVE_VERBS: ReadonlySet<string> = new Set(['move', 'backup', 'restore'])
export const MOVE_USAGE = `  backup now|list      a checked copy of the ledger; those that are kept
  restore FILE         back to a copy; the ledger that is here is kept aside
  move out|in FOLDER   to another computer: retire this station, or go on from one that was retired
  support              one file for whoever helps, without a secret in it  [--out FILE] [--config FILE]
`
