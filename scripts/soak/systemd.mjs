/**
 * The package under a real systemd: `npm run soak -- systemd [--deb FILE] [--level 0]`. A clean Debian by debootstrap, booted by
 * systemd-nspawn in a network of its own: sockets handed in by socket activation, the unit's sandbox and its one right, a client that
 * leases, a DHCP server of another net, a card pulled out and put back, a station killed and stopped. Needs root, debootstrap,
 * systemd-nspawn (package systemd-container), dnsmasq, udhcpc; about four minutes.
 */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, check, must, ownMirror, PLAIN } from './deb.mjs'

const MAC = '02:00:00:77:00:66'
const POLL_MS = 500
const LOOK_MS = 60_000
const ENDS_MS = 30_000
const NOBODY = { state: 'nobody answers' }
/** As the package's sysctl file asks; a container may not set it for itself. */
const PORTS = 'net.ipv4.ip_unprivileged_port_start=67'

/** @param {readonly string[]} words */
export async function main(words) {
  const { values } = parseArgs({ args: [...words], options: { deb: { type: 'string' }, level: { type: 'string', default: '6' } } })
  if (process.getuid?.() !== 0) throw new Error('needs root')
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-systemd-'))
  const [bench, other] = [`ub-systemd-${process.pid}`, `ub-systemd-${process.pid}-o`]
  const root = join(folder, 'root')
  try {
    const deb = values.deb ?? build(join(folder, 'deb'), undefined, values.level)
    const { mirror, suite } = ownMirror()
    must('debootstrap', ['--variant=minbase', '--include=systemd,systemd-sysv,dbus,iproute2', suite, root, mirror])
    copyFileSync(deb, join(root, 'tmp', basename(deb)))
    must('chroot', [root, 'dpkg', '-i', `/tmp/${basename(deb)}`])
    writeFileSync(join(root, 'etc/unbindery/config.json'), JSON.stringify({ mode: 'live', bench: { card: 'bench0', address: '10.77.0.1/24' }, wayOut: { check: 'off' } }))
    must('chroot', [root, 'systemctl', 'enable', 'unbindery.service', 'unbindery-dhcp67.socket', 'unbindery-dhcp68.socket'])
    for (const name of [bench, other]) must('ip', ['netns', 'add', name])
    must('ip', ['-n', bench, 'link', 'set', 'lo', 'up'])
    must('ip', ['netns', 'exec', bench, 'sysctl', '-qw', PORTS])
    plug(bench, other)
    await prove(root, bench, other)
  } finally {
    for (const name of [bench, other]) spawnSync('ip', ['netns', 'del', name])
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bench card and, at the other end of its cable, a computer. @param {string} bench @param {string} other */
function plug(bench, other) {
  must('ip', ['link', 'add', 'bench0', 'netns', bench, 'type', 'veth', 'peer', 'name', 'eth0', 'address', MAC, 'netns', other])
  for (const [where, card, address] of [[bench, 'bench0', '10.77.0.1/24'], [other, 'eth0', '192.168.9.1/24']]) {
    must('ip', ['-n', where, 'address', 'add', address, 'dev', card])
    must('ip', ['-n', where, 'link', 'set', card, 'up'])
  }
}

/** @param {string} root @param {string} bench @param {string} other */
async function prove(root, bench, other) {
  const computer = spawn('systemd-nspawn', ['-q', '-D', root, '-b', '--register=no', '--keep-unit', `--network-namespace-path=/run/netns/${bench}`, '--console=pipe'], { stdio: 'ignore', env: PLAIN })
  const isOff = new Promise(resolve => { computer.once('exit', resolve) })
  try {
    const leader = await until('it boots', () => readFileSync(`/proc/${computer.pid}/task/${computer.pid}/children`, 'utf8').trim().split(' ')[0] ?? '', pid => pid !== '' && spawnSync('nsenter', ['-t', pid, '-a', 'systemctl', 'is-active', 'unbindery']).status === 0)
    const inside = (...words) => spawnSync('nsenter', ['-t', leader, '-a', ...words], { encoding: 'utf8', env: PLAIN })
    const dhcp = () => {
      const { status, stdout } = inside('unbindery', 'network', '--json')
      return status === 0 ? JSON.parse(stdout).dhcp : NOBODY
    }
    const lease = () => spawnSync('ip', ['netns', 'exec', other, 'busybox', 'udhcpc', '-i', 'eth0', '-n', '-q', '-t', '5', '-s', '/bin/true'], { encoding: 'utf8' })
    const serves = what => until(what, dhcp, view => view.state === 'serving')
    await serves('it serves')
    const ports = inside('ss', '-ulpn').stdout
    check('ports 67 and 68 are tied to the card, and are those that systemd opened', /%bench0:67 .*"systemd"/.test(ports) && /%bench0:68 .*"systemd"/.test(ports))
    check('a client leases', lease().status === 0)
    const findings = JSON.parse(inside('unbindery', 'doctor', '--json').stdout).findings
    check('the doctor does not take systemd for a stranger', findings.every(f => !f.name.startsWith('port ') || f.state === 'ok'))
    await proveGuard(other, dhcp)
    await serves('when it is gone, it serves again')
    must('ip', ['-n', bench, 'link', 'del', 'bench0'])
    await until('a card pulled out is said', dhcp, view => view.fault?.code === 'net.card-gone')
    check('and the station goes on', inside('systemctl', 'is-active', 'unbindery').status === 0)
    plug(bench, other)
    await serves('put back, it is served')
    check('a client leases again', lease().status === 0)
    const before = inside('systemctl', 'show', '-P', 'MainPID', 'unbindery').stdout.trim()
    inside('systemctl', 'kill', '-s', 'KILL', 'unbindery')
    await until('killed, it is started again', () => inside('systemctl', 'show', '-P', 'MainPID', 'unbindery').stdout.trim(), pid => pid !== before && pid !== '0')
    await serves('and serves')
    inside('systemctl', 'stop', 'unbindery')
    check('stopped, it ends well', inside('systemctl', 'show', '-P', 'Result', 'unbindery').stdout.trim() === 'success')
  } finally {
    computer.kill('SIGTERM') // powers off
    const timer = setTimeout(() => computer.kill('SIGKILL'), ENDS_MS)
    await isOff
    clearTimeout(timer)
  }
}

/** A server of another net is met when the link comes up, because the station asks before it serves. @param {string} other @param {() => any} dhcp */
async function proveGuard(other, dhcp) {
  const server = spawn('ip', ['netns', 'exec', other, 'dnsmasq', '--no-daemon', '--no-ping', '--port=0', '--conf-file=/dev/null', '--user=root', '--interface=eth0', '--dhcp-range=192.168.9.50,192.168.9.60,600', '--dhcp-leasefile=/dev/null', '--pid-file='], { stdio: 'ignore' })
  const isOver = new Promise(resolve => { server.once('exit', resolve) })
  try {
    must('ip', ['-n', other, 'link', 'set', 'eth0', 'down'])
    await until('a cable pulled out is said', dhcp, view => view.fault?.code === 'net.no-link')
    must('ip', ['-n', other, 'link', 'set', 'eth0', 'up'])
    await until('in the sandbox, a server of another net is named with its MAC', dhcp, view => view.fault?.code === 'net.foreign-dhcp' && view.fault.context.mac === MAC)
  } finally {
    server.kill('SIGTERM')
    await isOver
  }
}

/** @template T @param {string} what @param {() => T} look @param {(seen: T) => boolean} isSo @returns {Promise<T>} */
async function until(what, look, isSo) {
  for (const end = performance.now() + LOOK_MS; ; await new Promise(resolve => { setTimeout(resolve, POLL_MS) })) {
    const seen = look()
    if (isSo(seen)) {
      check(what, true)
      return seen
    }
    if (performance.now() > end) check(`${what}; seen: ${JSON.stringify(seen)}`, false)
  }
}
