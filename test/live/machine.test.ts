import { execFileSync, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/main/bench/preflight.ts'
import { folderFacts, holdersOf, mayOpenLowPorts, socketPorts } from '../../src/main/live/machine.ts'
import { readInherited } from '../../src/main/live/net.ts'

const isLinux = process.platform === 'linux'
const folder = mkdtempSync(join(tmpdir(), 'ub-machine-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const linuxFiles = resolve(import.meta.dirname, '../../resources/linux')

describe('what the computer tells', () => {
  // Two lines as proc(5) shows them: a DHCP client's port 68 and a port 67 on every address.
  const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  300: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22345 2 0000000000000000 0
  301: 0100000A:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22346 2 0000000000000000 0
`
  it('names the sockets on our ports by their inode', () => {
    expect([...socketPorts(UDP, [67, 6666])]).toEqual([['22345', 67]])
    expect([...socketPorts('', [67])]).toEqual([])
  })

  it('reads the right to low ports out of the effective mask', () => {
    expect(['CapEff:\t0000000000000400', 'CapEff:\t000001ffffffffff', 'CapEff:\t0000000000000000', ''].map(text => mayOpenLowPorts(text))).toEqual([true, true, false, false])
  })

  it.runIf(isLinux)('finds the very program that holds a port', async () => {
    const socket = createSocket('udp4').bind(0)
    await once(socket, 'listening')
    const { port } = socket.address()
    expect(holdersOf([port]).get(port)).toEqual([expect.objectContaining({ pid: process.pid, isStation: false })])
    socket.close()
  })

  it('a folder that is not there yet is judged by the nearest one that is', () => {
    expect(folderFacts(join(folder, 'a', 'b'))).toMatchObject({ isWritable: true, freeBytes: expect.any(Number) })
  })
})

describe.runIf(isLinux)('unbindery doctor', () => {
  const ask = (...words: string[]): { readonly status: number | null; readonly stdout: string } => spawnSync(process.execPath, [resolve(import.meta.dirname, '../../src/main/cli.ts'), 'doctor', ...words], { encoding: 'utf8' })

  it('says what is missing and how to mend it, ends with 1, and changes nothing', () => {
    const config = join(folder, 'config.json')
    writeFileSync(config, JSON.stringify({ mode: 'live', bench: { card: 'nocard7' }, accounts: [{ id: 'house', clientId: 'x', secretEnv: 'UB_NOT_SET', baseUrl: 'http://127.0.0.1' }] }))
    const data = join(folder, 'never')
    const { status, stdout } = ask('--json', '--config', config, '--data', data)
    const { isFit, findings } = JSON.parse(stdout) as { isFit: boolean; findings: Finding[] } // what --json promises
    expect([status, isFit]).toEqual([1, false])
    const named = (name: string): Finding | undefined => findings.find(f => f.name === name)
    expect(named('configuration')).toMatchObject({ state: 'bad', text: expect.stringContaining('UB_NOT_SET') })
    expect(named('card binding')).toMatchObject({ state: 'ok' })
    expect(named('way out')).toMatchObject({ state: 'bad', line: expect.stringContaining('sudo unbindery bench-net up') })
    expect(named('screens')).toMatchObject({ state: 'ok' })
    expect(findings.filter(f => f.state === 'bad' && f.line === null && f.name !== 'bench card')).toEqual([])
    expect(existsSync(data)).toBe(false)
    const text = ask('--bench.card', 'nocard7', '--mode', 'live', '--data', data).stdout
    expect(text).toMatch(/BAD +bench card +there is no nocard7; there are: /)
    expect(text).toMatch(/in the way of a live bench\.\n$/)
  })
})

describe.runIf(isLinux)('the files for systemd', () => {
  it('name the descriptors as the station reads them, and never a card of their own', () => {
    for (const port of [67, 68]) {
      const text = readFileSync(join(linuxFiles, `unbindery-dhcp${port}.socket`), 'utf8')
      const name = /^FileDescriptorName=(.*)$/m.exec(text)?.[1] ?? ''
      expect([...readInherited({ LISTEN_FDS: '1', LISTEN_FDNAMES: name }, 1)]).toEqual([[port, 3]])
      expect(text).toContain(`ListenDatagram=0.0.0.0:${port}\nBroadcast=yes\nReceiveBuffer=4M\n`)
      expect(text).not.toMatch(/^BindToDevice/m)
    }
  })

  it.each([
    ['{ "mode": "live", "bench": { "card": "enx-a0", "address": "10.77.0.1/24" } }', 'enx-a0'],
    ['{\n "bench.card" :\n "eth1"\n}', 'eth1'],
    ['{ "mode": "training" }', null],
    ['{ "bench": { "card": "eth1;reboot" } }', null],
    ['{ "bench": { "card": "a-name-that-is-too-long" } }', null]
  ])('the generator ties them to the card of %s', (config, card) => {
    const target = mkdtempSync(join(folder, 'gen-'))
    const path = join(target, 'config.json')
    writeFileSync(path, config)
    const bin = join(target, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'systemd-escape'), '#!/bin/sh\nprintf %s "$1" | sed "s/-/\\\\\\\\x2d/g"\n')
    chmodSync(join(bin, 'systemd-escape'), 0o755)
    execFileSync('sh', [join(linuxFiles, 'unbindery-generator'), join(target, 'out')], { env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, UNBINDERY_CONFIG: path } })
    if (card === null) return expect(existsSync(join(target, 'out'))).toBe(false)
    expect(readdirSync(join(target, 'out')).toSorted()).toEqual(['unbindery-bench-net.service.d', 'unbindery-dhcp67.socket.d', 'unbindery-dhcp68.socket.d'])
    expect(readFileSync(join(target, 'out', 'unbindery-dhcp67.socket.d', 'card.conf'), 'utf8')).toBe(`[Socket]\nBindToDevice=${card}\n`)
    expect(readFileSync(join(target, 'out', 'unbindery-bench-net.service.d', 'card.conf'), 'utf8')).toContain(`BindsTo=sys-subsystem-net-devices-${card.replace('-', String.raw`\x2d`)}.device`)
  })

  const hasVerify = isLinux && spawnSync('systemd-analyze', ['--version']).status === 0
  it.runIf(hasVerify)('are understood by systemd, word for word', () => {
    const copy = mkdtempSync(join(folder, 'units-'))
    for (const file of readdirSync(linuxFiles).filter(f => /\.(service|socket)$/.test(f))) {
      writeFileSync(join(copy, file), readFileSync(join(linuxFiles, file), 'utf8').replaceAll(/^(ExecStart|ExecStop)=\S+/gm, '$1=/bin/true'))
    }
    for (const file of readdirSync(copy)) {
      const { stderr } = spawnSync('systemd-analyze', ['verify', `./${file}`], { cwd: copy, encoding: 'utf8' })
      expect(stderr.split('\n').filter(line => line.includes(copy) || line.includes('unbindery'))).toEqual([])
    }
  })
})
