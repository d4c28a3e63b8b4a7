/**
 * Who we are at the cloud and which Wi-Fi the bench has: the accounts and networks of the configuration with their secrets,
 * read from the environment or from files only their owner can read.
 */
import { Secret } from './bench/log.ts'
import type { CloudAccount } from './bench/cloud.ts'
import type { Config } from './config.ts'
import { Fault } from './domain/fault.ts'

export interface Access {
  readonly accounts: readonly (CloudAccount & { readonly products: readonly string[] })[]
  readonly wifi: readonly { readonly ssid: string; readonly password: Secret<string> }[]
  /** Where history goes; empty: nowhere. */
  readonly centralUrl: string
}
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text and permission bits of a file; null when it cannot be read. */
  readonly file: (path: string) => { readonly text: string; readonly mode: number } | null
}

/** Faults: `config.invalid`, with every missing or open secret at once. */
export function readAccess(config: Config, sources: SecretSources): Access {
  const complaints: string[] = []
  const secretOf = (owner: string, env: string | undefined, file: string | undefined): Secret<string> => {
    if (env !== undefined) {
      const value = sources.env[env]
      if (value === undefined || value === '') complaints.push(`${owner}: the environment variable ${env} is not set`)
      return new Secret(value ?? '')
    }
    if (file === undefined) return new Secret('')
    const found = sources.file(file)
    if (!found) complaints.push(`${owner}: ${file} cannot be read`)
    else if ((found.mode & 0o077) !== 0) complaints.push(`${owner}: ${file} can be read by others; type: chmod 600 ${file}`)
    else if (found.text.trim() === '') complaints.push(`${owner}: ${file} is empty`)
    return new Secret(found?.text.trim() ?? '')
  }
  const accounts = config.accounts.map(a => ({
    id: a.id, clientId: a.clientId, baseUrl: a.baseUrl ?? config['cloud.baseUrl'], region: a.region ?? 'EU', assetId: a.assetId ?? '', products: a.products ?? [],
    secret: secretOf(`accounts: ${a.id}`, a.secretEnv, a.secretFile)
  }))
  const wifi = config.wifi.map(w => ({ ssid: w.ssid, password: secretOf(`wifi: ${w.ssid}`, w.passwordEnv, w.passwordFile) }))
  if (complaints.length > 0) throw new Fault('config.invalid', { complaints: complaints.join('\n') })
  return { accounts, wifi, centralUrl: config['sync.baseUrl'] }
}
