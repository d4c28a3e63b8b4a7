/** What may stand on the command line of the station, and where its data lies when nothing is said. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Fault } from './domain/fault.ts'
import { SETTINGS } from './config.ts'

export interface Options {
  readonly config: string | null
  readonly data: string
  readonly port: number
  readonly isHelp: boolean
  /** Repeats a training run; null: another one each time. */
  readonly seed: number | null
  /** Settings given as flags, by key. */
  readonly flags: Readonly<Record<string, string>>
}

const PORT_MAX = 65_535
const SEED_MAX = 2 ** 32 - 1

export const HELP = `unbindery station, headless host

  --config FILE   the configuration, one JSON object; without it the station starts in training
  --data DIR      the data folder; default: ${defaultDataDir(process.env, process.platform, homedir())}
                  (Linux: $XDG_DATA_HOME/unbindery or ~/.local/share/unbindery; macOS: ~/Library/Application Support/Unbindery;
                  Windows: %LOCALAPPDATA%\\Unbindery)
  --port N        the port of the pages on 127.0.0.1; default 0: any free one
  --seed N        training only: the same bench, units and mishaps again
  --KEY VALUE     any setting of the README's table, such as --dhcp.leaseSeconds 600
  --help          this text

It prints one line OPEN with the address of the console and one line DISPLAY with that of the rack display. The key in
both is valid until the station stops.`

/** `isLenient`: words that are not ours are left to somebody else (Electron's own switches). Faults: `config.invalid`. */
export function parseOptions(words: readonly string[], env: Readonly<Record<string, string | undefined>>, isLenient = false): Options {
  const given = new Map<string, string>()
  const flags: Record<string, string> = {}
  const complaints: string[] = []
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const [name = '', ...inline] = word.replace(/^--/, '').split('=')
    const isSwitch = name === 'help' || name === 'headless'
    const isKnown = word.startsWith('--') && (isSwitch || ['config', 'data', 'port', 'seed'].includes(name) || Object.hasOwn(SETTINGS, name))
    if (!isKnown) {
      if (!isLenient) complaints.push(`${word}: no such option`)
      continue
    }
    if (!isSwitch && inline.length === 0) i += 1
    const value = isSwitch ? '' : inline.length > 0 ? inline.join('=') : words[i]
    if (value === undefined) complaints.push(`--${name}: needs a value`)
    else if (Object.hasOwn(SETTINGS, name)) flags[name] = value
    else given.set(name, value)
  }
  const port = Number(given.get('port') ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) complaints.push(`--port: ${given.get('port') ?? ''} is not allowed; 0 to ${PORT_MAX}`)
  const seed = given.has('seed') ? Number(given.get('seed')) : null
  if (seed !== null && (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX)) complaints.push(`--seed: ${given.get('seed') ?? ''} is not allowed; 0 to ${SEED_MAX}`)
  if (complaints.length > 0) throw new Fault('config.invalid', { complaints: complaints.join('\n') })
  const config = given.get('config')
  return {
    config: config === undefined ? null : resolve(config),
    data: resolve(given.get('data') ?? defaultDataDir(env, process.platform, homedir())),
    port, seed, isHelp: given.has('help'), flags
  }
}

export function defaultDataDir(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform, home: string): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Unbindery')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Unbindery')
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'unbindery')
}
