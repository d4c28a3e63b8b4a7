/** `unbindery support`: writes the support bundle. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { stampOf } from './bench/backups.ts'
import { withSystemConfig } from './config-file.ts'
import { LiveClock } from './live/clock.ts'
import { parseOptions, type Options } from './options.ts'
import { supportBundle } from './support.ts'
import { inWords } from './words-of-faults.ts'

const USAGE = `unbindery support [--out FILE] [--config FILE] [--data DIR]

  Writes one file for whoever helps: settings, log, doctor, network, status, counts and the last faults, without a secret in it.
`

/** Gives the exit code. */
export async function support(words: readonly string[]): Promise<number> {
  const at = words.indexOf('--out')
  const out = resolve(at === -1 ? `unbindery-support-${stampOf(new LiveClock().now())}.tar.gz` : words[at + 1] ?? '')
  let options: Options
  try {
    options = withSystemConfig(parseOptions(at === -1 ? words : words.toSpliced(at, 2), process.env))
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n\n${USAGE}`)
    return 2
  }
  try {
    writeFileSync(out, await supportBundle(options), { mode: 0o600 })
    process.stdout.write(`${out}\nLook through it before you send it: names and addresses of this bench are in it, secrets are not.\n`)
    return 0
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n`)
    return 1
  }
}
