/** The configuration of one command line: its file, its environment, its flags. Loads nothing native. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { loadSettings, type Config, type LoadedConfig, type OwnSettings } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Options } from './options.ts'

/** Where the package puts it; looked at by programs for the lead, never by the station itself. */
export const SYSTEM_CONFIG = '/etc/unbindery/config.json'

/** Without what was set at the station. Faults: `config.invalid`. */
export function readConfig(options: Pick<Options, 'config' | 'flags'>, env: NodeJS.ProcessEnv): Config {
  return configReader(options, env)({}).config
}

/** The file is read once; what is set at the station may change. Faults: `config.invalid`. */
export function configReader(options: Pick<Options, 'config' | 'flags'>, env: NodeJS.ProcessEnv): (own: OwnSettings) => LoadedConfig {
  const { flags, config: file } = options
  const text = file === null ? null : readText(file)
  return own => loadSettings({ file, text, own, env, flags })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new Fault('config.invalid', { complaints: existsSync(path) ? `${path}: cannot be read` : `${path}: there is no such file` }, thrown)
  }
}

/** The file that is named, or that of the package where there is one. */
export function withSystemConfig(options: Options): Options {
  return { ...options, config: options.config ?? (existsSync(SYSTEM_CONFIG) ? SYSTEM_CONFIG : null) }
}

/** Text and permission bits; null when it cannot be read. */
export function readSecretFile(path: string): { readonly text: string; readonly mode: number } | null {
  try {
    return { text: readFileSync(path, 'utf8'), mode: process.platform === 'win32' ? 0o600 : statSync(path).mode & 0o777 } // Windows has no such bits
  } catch {
    return null
  }
}
