/** The configuration of one command line: its file, its environment, its flags. Loads nothing native. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { loadConfig, type Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Options } from './options.ts'

/** Where the package puts it; looked at by programs for the lead, never by the station itself. */
export const SYSTEM_CONFIG = '/etc/unbindery/config.json'

/** Faults: `config.invalid`. */
export function readConfig(options: Pick<Options, 'config' | 'flags'>, env: NodeJS.ProcessEnv): Config {
  if (options.config === null) return loadConfig({ file: null, text: null, env, flags: options.flags })
  let text: string
  try {
    text = readFileSync(options.config, 'utf8')
  } catch (thrown) {
    throw new Fault('config.invalid', { complaints: existsSync(options.config) ? `${options.config}: cannot be read` : `${options.config}: there is no such file` }, thrown)
  }
  return loadConfig({ file: options.config, text, env, flags: options.flags })
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
