// table
/** Who may know whom, and which packages each room may use: the table of design/house.md 6. Whoever adds to it says why. */

export const ROOMS = [
  'shared', 'domain', 'wire', 'ports', 'bench', 'line', 'gate', 'station', 'live', 'virtual', 'hosts', 'entries',
  'preload', 'renderer/common', 'renderer/console', 'renderer/display', 'resources', 'scripts'
] as const
export type RoomName = (typeof ROOMS)[number]

const STATION: readonly string[] = ['src/main/station.ts', 'src/main/answers.ts', 'src/main/access.ts', 'src/main/config.ts']

/** The room a file stands in; null: it stands outside the house. */
export function roomOf(path: string): RoomName | null {
  if (path === 'src/main/ports.ts') return 'ports'
  if (STATION.includes(path)) return 'station'
  if (/^src\/main\/[\w-]+\.ts$/.test(path)) return 'entries'
  const [top = '', second = '', third = ''] = path.split('/')
  const name = top !== 'src' ? top : second === 'main' ? third : second === 'renderer' ? `renderer/${third}` : second
  return ROOMS.find(room => room === name) ?? null
}

const CONFIG = 'src/main/config.ts'

/** Rooms, or single files, beside its own. */
export const ALLOWED: Readonly<Record<RoomName, readonly string[]>> = {
  'shared': [],
  'domain': ['shared'],
  'wire': ['shared', 'domain'],
  'ports': ['shared', 'domain'],
  'bench': ['shared', 'domain', 'wire', 'ports', 'resources/transports.json'], // transports are data (facts/tuya.md 4.7); bench/transports.ts reads them
  'line': ['shared', 'domain', 'wire', 'ports', 'bench'],
  'gate': ['shared', 'domain', 'ports', 'bench'],
  'station': ['shared', 'domain', 'wire', 'ports', 'bench', 'line', 'gate', 'resources/models.json'], // the catalogue
  'live': ['shared', 'domain', 'ports'],
  'virtual': ['shared', 'domain', 'wire', 'ports', 'resources/models.json'], // units are made of the products we know
  'hosts': ['shared', 'domain', 'ports', 'gate', CONFIG],
  'entries': ['shared', 'domain', 'wire', 'ports', 'bench', 'line', 'gate', 'station', 'live', 'virtual', 'hosts', 'resources', 'scripts/node.mjs'], // the right Node, before anything native is loaded
  'preload': ['shared'],
  'renderer/common': ['shared'],
  'renderer/console': ['shared', 'renderer/common'], // the two screens do not know each other
  'renderer/display': ['shared', 'renderer/common'],
  'resources': [],
  'scripts': ['test/helpers/browser.ts', 'test/helpers/fake-door.ts'] // pictures of the screens are taken of the tests' canned views
}

export interface PackageRule { readonly name: string; /** Only these files. */ readonly only?: readonly string[] }
const all = (...names: readonly string[]): readonly PackageRule[] => names.map(name => ({ name }))
const onlyIn = (only: readonly string[], ...names: readonly string[]): readonly PackageRule[] => names.map(name => ({ name, only }))

/** 'node' stands for every module of Node itself. */
export const PACKAGES: Readonly<Record<RoomName, readonly PackageRule[]>> = {
  'shared': all('valibot'),
  'domain': [],
  'wire': all('node:crypto', 'node:buffer'),
  'ports': [],
  'bench': [],
  'line': [],
  'gate': all('valibot'),
  'station': onlyIn([CONFIG], 'valibot'),
  'live': all('node', 'serialport', '@serialport/parser-readline', 'better-sqlite3', 'koffi', 'undici'),
  'virtual': all('node:crypto', 'node:buffer'),
  'hosts': [...all('node', 'ws'), ...onlyIn(['src/main/hosts/ipc.ts'], 'electron')],
  'entries': [...all('node'), ...onlyIn(['src/main/index.ts', 'src/main/boot.ts'], 'electron')], // boot.ts is index.ts after `ready`
  'preload': all('electron'),
  'renderer/common': all('react', 'react-dom', 'qrcode'),
  'renderer/console': all('react', 'react-dom'),
  'renderer/display': all('react', 'react-dom', 'qrcode'),
  'resources': [],
  'scripts': all('node', 'playwright-core') // pictures of the screens
}

export function isNode(from: string): boolean {
  return from.startsWith('node:')
}
