/**
 * Who we are at the cloud and which Wi-Fi the bench has: the accounts and networks of the configuration with their secrets,
 * read from the environment or from files only their owner can read.
 */
import { Secret } from './bench/log.ts'
import type { Account } from './bench/account-book.ts'
import type { Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { VerdictField } from './bench/verdict-row.ts'
import { fingerprintOf } from './wire/self-signed.ts'

export interface Access {
  readonly accounts: readonly Account[]
  readonly wifi: readonly { readonly ssid: string; readonly password: Secret<string> }[]
  /** Read community of the bench switch, where there is one. */
  readonly community?: Secret<string>
  /** By recipe and name: `linux-login.password`. */
  readonly recipeSecrets?: ReadonlyMap<string, Secret<string>>
  /** Where history goes; empty: nowhere. */
  readonly centralUrl: string
  /** The one certificate the receiver of history may show. */
  readonly pinned?: { readonly origin: string; readonly certificate: string }
  readonly webhooks?: readonly { readonly name: string; readonly url: string; readonly token: Secret<string> | null; readonly fields: Readonly<Record<string, VerdictField>> }[]
  readonly folders?: readonly { readonly name: string; readonly path: string }[]
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
    source: a.source ?? 'openapi', release: a.release ?? 'none', family: a.family ?? 'industry', uid: a.uid ?? '', secret: secretOf(`accounts: ${a.id}`, a.secretEnv, a.secretFile)
  }))
  const wifi = config.wifi.map(w => ({ ssid: w.ssid, password: secretOf(`wifi: ${w.ssid}`, w.passwordEnv, w.passwordFile) }))
  const { 'switch.communityEnv': env, 'switch.communityFile': file } = config
  const community = config['switch.address'] === '' ? {} : { community: secretOf('switch', env === '' ? undefined : env, file === '' ? undefined : file) }
  const webhooks = config['sync.webhooks'].map(w => ({
    name: w.name, url: w.url, fields: w.fields ?? {}, token: w.tokenEnv === undefined && w.tokenFile === undefined ? null : secretOf(`sync.webhooks: ${w.name}`, w.tokenEnv, w.tokenFile)
  }))
  const recipeSecrets = new Map(config['recipe.secrets'].map(s => [s.name, secretOf(`recipe.secrets: ${s.name}`, s.env, s.file)] as const))
  const pinned = pinOf(config, sources, complaints)
  if (complaints.length > 0) throw new Fault('config.invalid', { complaints: complaints.join('\n') })
  return { accounts, wifi, recipeSecrets, ...community, centralUrl: config['sync.baseUrl'], ...(pinned === null ? {} : { pinned }), webhooks, folders: config['sync.folders'] }
}

/** A certificate is no secret: anybody may read its file. */
function pinOf(config: Config, sources: SecretSources, complaints: string[]): { readonly origin: string; readonly certificate: string } | null {
  const path = config['sync.certificateFile']
  if (path === '') return null
  const certificate = sources.file(path)?.text ?? ''
  const origin = URL.parse(config['sync.baseUrl'])?.origin ?? ''
  if (fingerprintOf(certificate) === null) complaints.push(`sync.certificateFile: ${path} holds no certificate in PEM`)
  return { origin, certificate }
}
