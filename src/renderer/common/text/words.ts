/** One row of a group of words: English, then Chinese. */
import type { Words } from '#shared'

export type Group = Readonly<Record<string, Words>>

export const words = (en: string, zh: string): Words => ({ en, zh })
