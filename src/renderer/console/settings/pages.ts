/** The pages of the settings, in the order in which they stand. */
export const SETTINGS_PAGES = ['accounts', 'wifi', 'printing', 'sending', 'keeping', 'people', 'ports', 'scanner', 'sounds'] as const
export type SettingsPageName = (typeof SETTINGS_PAGES)[number]
