/** The pages of the settings, in the order in which they stand, and which setting stands on which. */
export const SETTINGS_PAGES = ['ready', 'bench', 'accounts', 'wifi', 'profiles', 'ports', 'printing', 'scanner', 'display', 'people', 'sending', 'keeping'] as const
export type SettingsPageName = (typeof SETTINGS_PAGES)[number]

/** The first that fits. */
const PAGE_OF: readonly (readonly [RegExp, SettingsPageName])[] = [
  [/^(rack|qr)\./, 'display'], [/^printer\./, 'printing'], [/^(recipe|power)\./, 'ports'], [/^sync\./, 'sending'], [/^care\./, 'keeping'], [/^(wifi$|wave\.)/, 'wifi'],
  [/^(accounts$|cloud\.|quota\.|relay\.)/, 'accounts'], [/^(mode$|bench\.|dhcp\.|gateway\.|wayOut\.|lan\.|switch\.|job\.)/, 'bench']
]

/** null: no page has it, which a test forbids. */
export function pageOfSetting(key: string): SettingsPageName | null {
  return PAGE_OF.find(([pattern]) => pattern.test(key))?.[1] ?? null
}
