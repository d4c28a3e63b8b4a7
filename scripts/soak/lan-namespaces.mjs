/**
 * `npm run soak -- lan-namespaces [--each 4] [--seconds 420]`: a switch of network namespaces, the built station on one port of it,
 * 56 virtual units as processes of their own on the others, four of each kind, one a protocol version; every verdict must be the predicted one. As root.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BenchNet, benchConfig, SECRET_ENV, whyNoNamespaces } from '../../test/helpers/namespaces.ts'

/** What is wrong with four of them each, and what the station must say of them. @type {readonly (readonly [string | null, string, string | null])[]} */
const KINDS = [
  [null, 'proven', null],
  ['refuses', 'refused', 'unit.refused'],
  ['never-reacts', 'unproven', 'unit.silent'],
  ['keeps-trying', 'unproven', 'unit.stuck-activating'],
  ['wrong-key-ignored', 'unproven', 'unit.silent'],
  ['truncated-frame', 'proven', null],
  ['dies-after-ask', 'unproven', null],
  ['late-ack', 'proven', null],
  ['two-frames-joined', 'proven', null],
  ['frame-in-pieces', 'proven', null],
  ['giant-frame', 'proven', null],
  ['nul-after-json', 'proven', null],
  ['clock-jump', 'proven', null],
  ['reset-in-reply', 'proven', null]
]
const VERSIONS = ['3.1', '3.3', '3.4', '3.5']
const wait = (/** @type {number} */ ms) => new Promise(r => { setTimeout(r, ms) })

/** @param {readonly string[]} words */
export async function main(words) {
  const { values } = parseArgs({ args: [...words], options: { each: { type: 'string', default: '4' }, seconds: { type: 'string', default: '420' }, out: { type: 'string', default: 'out/main' } } })
  const why = whyNoNamespaces()
  if (why !== null) throw new Error(why)
  const each = Number(values.each)
  const out = (/** @type {string} */ entry) => join(import.meta.dirname, '..', '..', values.out, `${entry}.js`)
  const data = mkdtempSync(join(tmpdir(), 'unbindery-soak-'))
  try {
    await using net = new BenchNet(`ub-lansoak-${process.pid}`, KINDS.length * each)
    writeFileSync(join(data, 'bench.json'), JSON.stringify(benchConfig(data, { dhcp: { poolStart: '10.77.0.20', poolEnd: '10.77.0.120', router: '10.77.0.1', probeSeconds: 1 }, lan: { take: 'all' }, job: { proofSeconds: 120, firstAlone: 'off' }, wayOut: { check: 'off' } })))
    await net.start('cl', out('cloud'), ['--host', '10.99.0.2', '--port', '8090']).until(line => line.includes('virtual cloud on'), 30_000)
    await net.start('st', out('headless'), ['--config', join(data, 'bench.json'), '--data', data, '--port', '8080'], SECRET_ENV).until(line => line.startsWith('OPEN'), 60_000)
    const ask = (/** @type {string[]} */ ...asked) => JSON.parse(execFileSync(process.execPath, [out('cli'), ...asked, '--json', '--data', data], { encoding: 'utf8', maxBuffer: 64 << 20 }))
    await until(() => ask('network').dhcp.state === 'serving', 60_000)
    /** @type {Map<string, readonly [string | null, string, string | null]>} */
    const expected = new Map()
    for (let n = 0; n < KINDS.length * each; n += 1) {
      const kind = KINDS[n % KINDS.length] ?? [null, 'proven', null]
      const own = VERSIONS[Math.floor(n / KINDS.length) % VERSIONS.length] ?? '3.3'
      const version = own === '3.1' && kind[0] === 'wrong-key-ignored' ? '3.3' : own // 3.1 takes the token in plain, whatever its key
      const unit = net.start(`u${n + 1}`, out('units'), [
        '--card', 'eth0', '--dhcp', 'udhcpc', '--cloud', net.cloudUrl, '--seconds', String(Number(values.seconds) + 60), '--ready', '--version', version, ...(kind[0] === null ? [] : ['--fault', kind[0]])
      ])
      expected.set(JSON.parse(await unit.until(line => line.startsWith('{'), 60_000)).mac, kind)
    }
    await until(() => {
      const units = ask('units', '--limit', '100')
      return units.length === expected.size && units.every((/** @type {{ stage: string }} */ u) => u.stage === 'closed')
    }, Number(values.seconds) * 1000)
    await wait(5000)
    const wrong = ask('units', '--limit', '100').flatMap((/** @type {any} */ u) => {
      const mac = u.aliases.find((/** @type {{ kind: string }} */ a) => a.kind === 'mac')?.value
      const [fault, outcome, code] = expected.get(mac) ?? ['nobody', '', null]
      return u.outcome === outcome && (code === null || u.fault?.code === code) ? [] : [`${mac} (${fault}): ${u.outcome} ${u.fault?.code}, predicted ${outcome} ${code ?? ''}`]
    })
    process.stdout.write(`${expected.size} units, ${KINDS.length} kinds: ${wrong.length === 0 ? 'every verdict as predicted' : `${wrong.length} not as predicted\n${wrong.join('\n')}`}\n`)
    if (wrong.length > 0) process.exitCode = 1
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** @param {() => boolean} test @param {number} ms */
async function until(test, ms) {
  for (const end = Date.now() + ms; !test();) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms`)
    await wait(1000)
  }
}
