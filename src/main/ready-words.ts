/** The verbs of ready-verbs.ts by name and usage; apart from them, so that help loads nothing. */
export const READY_VERBS: ReadonlySet<string> = new Set(['ready', 'settings'])
export const READY_USAGE = `  ready                when the bench was last proven, and how each step stands  [daily | try STEP | record [--how first|daily] [--out FILE]]
  settings [TEXT]      settings in force, where each comes from, what waits for the next start  [set KEY VALUE... | reset KEY...]
`
