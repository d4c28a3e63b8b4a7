/**
 * The keys of the console, each with the command card that does the same (design/operator.md 5.1). One table for the row of
 * keys on the screen, for what a scan of a card means, and for the deck of cards.
 */
export const KEYS = [
  { key: 'F1', card: 'HELP' },
  { key: 'F2', card: 'TYPE' },
  { key: 'F3', card: 'FIND' },
  { key: 'F4', card: 'DISPLAY' },
  { key: 'F5', card: 'PROOF' },
  { key: 'F6', card: 'HOLD' },
  { key: 'F7', card: 'PRINT' },
  { key: 'F8', card: 'UNDO' },
  { key: 'F9', card: 'QUOTA' },
  { key: 'F10', card: 'HANDOVER' },
  { key: 'F11', card: 'FULL' },
  { key: 'F12', card: 'LEAD' }
] as const
export type KeyName = (typeof KEYS)[number]['key']
export type KeyCard = (typeof KEYS)[number]['card']

/** Cards a screen obeys; the station only tells the screens that they were scanned. SIGN takes the shift over on the sheet of the hand-over. The station begins what DAILY asks for, and the screens turn to the checklist. */
export const SCREEN_CARDS = ['HELP', 'TYPE', 'FIND', 'DISPLAY', 'QUOTA', 'HANDOVER', 'FULL', 'BACK', 'SIGN', 'DAILY', 'WHY'] as const
export type ScreenCard = (typeof SCREEN_CARDS)[number]

/** Cards without a key of their own: each has a button where its work is done, and help lists them. */
export const KEYLESS_CARDS = ['WAVE', 'STOP', 'AGAIN', 'WHY', 'SIGN', 'DAILY', 'LEAVE', 'BACK'] as const
