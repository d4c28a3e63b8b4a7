// `unbindery doctor` as an ordinary user on a computer that lacks nearly everything: each lack is named with the line that mends it,
// and when those lines were typed the computer is fit.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GatewayHouse, source, whyNoGateway } from '../helpers/gateway-house.ts'

const why = whyNoGateway()
if (why !== null && process.env['CI'] !== undefined && process.platform === 'linux') throw new Error(`CI must run this: ${why}`)

interface Finding { readonly name: string; readonly state: 'ok' | 'warn' | 'bad'; readonly text: string; readonly line: string | null }
interface Report { readonly isFit: boolean; readonly findings: readonly Finding[] }
const NOBODY = 65_534
const MAIN = { mode: 'live', bench: { card: 'bench0', address: '10.77.0.1/24' }, dhcp: { router: '10.77.0.1' } }

/** As the user nobody, in no group; `isBare`: on a computer without the programs for root. */
function doctor(house: GatewayHouse, words: readonly string[], isBare: boolean): Report & { readonly code: number } {
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, source('cli'), 'doctor', '--json', ...words]
  const bare = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /usr/sbin && exec "$@"', 'sh', ...asNobody]
  try {
    return { code: 0, ...JSON.parse(house.exec('st', ...(isBare ? bare : asNobody) as [string, ...string[]])) as Report } // what --json promises
  } catch (thrown) {
    const { status, stdout } = thrown as { status: number; stdout: string } // what execFileSync throws for a bad end
    return { code: status, ...JSON.parse(stdout) as Report }
  }
}

function config(house: GatewayHouse, change: object): string {
  chmodSync(house.folder, 0o755)
  const path = join(house.folder, 'bench.json')
  writeFileSync(path, JSON.stringify({ ...MAIN, ...change }))
  return path
}

describe.skipIf(why !== null)(`doctor${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('on a bare computer names each thing that is missing, with the one line that mends it', async () => {
    await using house = new GatewayHouse('h')
    const seen = doctor(house, ['--config', config(house, { bench: { card: 'up0', address: '10.77.0.1/24' } }), '--data', '/root/live'], true)
    const rows = Object.fromEntries(seen.findings.map(({ name, state, line }) => [name, [state, line]]))
    expect(seen).toMatchObject({ code: 1, isFit: false })
    expect(rows).toMatchObject({
      'right to port 67': ['bad', 'echo net.ipv4.ip_unprivileged_port_start=67 | sudo tee -a /etc/sysctl.d/60-unbindery.conf && sudo sysctl -p /etc/sysctl.d/60-unbindery.conf'],
      'bench card': ['bad', 'set "bench": { "card": "bench0" } in the configuration'],
      'way out': ['bad', expect.stringMatching(/^sudo apt install nftables dnsmasq-base/)],
      'serial adapters': ['warn', 'sudo usermod -aG dialout nobody'],
      'data folder': ['bad', 'sudo install -d -o nobody -m 700 /root/live']
    })
    expect(seen.findings.find(f => f.name === 'bench card')?.text).toContain('default route')
    expect(seen.findings.filter(f => f.state === 'bad' && f.line === null)).toEqual([])
  }, 60_000)

  it('without any configuration, and with a card that is not there, says which file and which card', async () => {
    await using house = new GatewayHouse('i')
    const none = doctor(house, ['--data', house.folder], false)
    expect(none.findings).toEqual(expect.arrayContaining([
      expect.objectContaining({ name: 'configuration', state: 'bad', line: 'unbindery doctor --config FILE' }),
      expect.objectContaining({ name: 'bench card', state: 'bad', line: 'set "bench": { "card": "bench0" } in the configuration' }),
      expect.objectContaining({ name: 'way out', state: 'bad', line: expect.stringContaining('sudo unbindery bench-net up') })
    ]))
    const gone = doctor(house, ['--config', config(house, { bench: { card: 'bench7', address: '10.77.0.1/24' } }), '--data', house.folder], false)
    expect(gone.findings.find(f => f.name === 'bench card')).toMatchObject({ state: 'bad', text: expect.stringContaining('there is no bench7'), line: 'set "bench": { "card": "bench0" } in the configuration' })
  }, 60_000)

  it('is content when its lines were typed', async () => {
    await using house = new GatewayHouse('j')
    const data = join(house.folder, 'data')
    mkdirSync(data, { mode: 0o700 })
    chownSync(data, NOBODY, NOBODY)
    const words = ['--config', config(house, {}), '--data', data]
    expect(doctor(house, words, false).findings.filter(f => f.state === 'bad').map(f => f.name)).toEqual(['right to port 67', 'bench card', 'port 67', 'way out'])
    execFileSync('ip', ['netns', 'exec', house.ns('st'), 'sysctl', '-qw', 'net.ipv4.ip_unprivileged_port_start=67'])
    expect(house.benchNet(['up', '--config', join(house.folder, 'bench.json')])).toMatchObject({ code: 0 })
    const mended = doctor(house, words, false)
    expect({ code: mended.code, bad: mended.findings.filter(f => f.state === 'bad') }).toEqual({ code: 0, bad: [] })
    expect(house.benchNet(['down'])).toMatchObject({ code: 0 })
  }, 60_000)
})
