// table
/** Who may know whom, and which packages each room may use: the table of design/house.md 6. Whoever adds to it says why. */

export const ROOMS = [
  'shared', 'domain', 'wire', 'ports', 'bench', 'line', 'gate', 'station', 'live', 'virtual', 'hosts', 'entries',
  'preload', 'renderer/common', 'renderer/console', 'renderer/display', 'resources', 'scripts'
] as const
export type RoomName = (typeof ROOMS)[number]

const STATION = new Set(['src/main/station.ts', 'src/main/records.ts', 'src/main/answers.ts', 'src/main/access.ts', 'src/main/config.ts', 'src/main/settings-desk.ts', 'src/main/proving.ts', 'src/main/rack.ts'])

/** The room a file stands in; null: it stands outside the house. */
export function roomOf(path: string): RoomName | null {
  if (path === 'src/main/ports.ts') return 'ports'
  if (STATION.has(path)) return 'station'
  if (/^src\/main\/[\w-]+\.ts$/.test(path)) return 'entries'
  const [top = '', second = '', third = ''] = path.split('/')
  const name = top !== 'src' ? top : second === 'main' ? third : second === 'renderer' ? `renderer/${third}` : second
  return ROOMS.find(room => room === name) ?? null
}

const CONFIG = 'src/main/config.ts'

/** Beside its own: rooms, single files, or folders (with a slash at the end). */
export const ALLOWED: Readonly<Record<RoomName, readonly string[]>> = {
  'shared': [],
  'domain': ['shared'],
  'wire': ['shared', 'domain'],
  'ports': ['shared', 'domain'],
  'bench': ['shared', 'domain', 'wire', 'ports', 'resources/transports.json', 'resources/recipes/', 'resources/labels.json'], // transports (facts/tuya.md 4.7), recipes and label formats are data; bench/transports.ts, bench/recipe-book.ts and bench/label-book.ts read them
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
  'scripts': ['domain', CONFIG, 'test/helpers/browser.ts', 'test/helpers/fake-door.ts', 'test/helpers/shots.ts', 'wire', 'bench', 'station', 'live', 'virtual', 'test/golden/lan.ts', 'test/helpers/namespaces.ts', 'test/helpers/fixtures.ts', 'test/helpers/real-host.ts', 'renderer/common'] // the README's table of settings; pictures of the screens, taken of the tests' canned views; benches and soaks drive the product's own parts; the bench of the rack display draws with the page's own drawing; that of the console asks a whole station
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
  'bench': [...all('node:zlib'), ...onlyIn(['src/main/bench/paper/sheet.ts'], 'pdfkit', 'qrcode'), ...onlyIn(['src/main/bench/picture-codes.ts'], 'zxing-wasm/reader')], // batches to the central ingest; papers are drawn in one file; codes in pictures of the phone are read in one file, in the side thread, because browsers on Linux and Electron have no reader of their own
  'line': [],
  'gate': all('valibot'),
  'station': onlyIn([CONFIG], 'valibot'),
  'live': [...all('node', 'serialport', '@serialport/parser-readline', 'better-sqlite3', 'koffi', 'undici'), ...onlyIn(['src/main/live/switch.ts'], 'net-snmp')],
  'virtual': all('node:crypto', 'node:buffer'),
  'hosts': [...all('node', 'ws'), ...onlyIn(['src/main/hosts/ipc.ts'], 'electron')],
  'entries': [...all('node'), ...onlyIn(['src/main/index.ts', 'src/main/boot.ts'], 'electron')], // boot.ts is index.ts after `ready`
  'preload': all('electron'),
  'renderer/common': all('react', 'react-dom', 'qrcode'),
  'renderer/console': [...all('react', 'react-dom'), ...onlyIn(['src/renderer/console/terminal-screen.ts'], '@xterm/xterm')], // a console as a terminal shows it, in a chunk of its own
  'renderer/display': all('react', 'react-dom', 'qrcode'),
  'resources': [],
  'scripts': [...all('node', 'playwright-core'), ...onlyIn(['scripts/bench/qr/rows.mjs'], 'qrcode')] // pictures of the screens; qrcode as it comes is the peer of the rack display
}

export function isNode(from: string): boolean {
  return from.startsWith('node:')
}
