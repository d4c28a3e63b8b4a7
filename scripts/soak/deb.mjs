/**
 * The package on a clean Debian: `npm run soak -- deb [--deb FILE] [--again] [--level 0]`. Makes a root with debootstrap from the mirror this
 * machine itself uses, installs the package there with dpkg, starts the station in training in a network of its own, and asks for
 * the screens from inside; then live with the rights of its unit and no others, beside a DHCP server of another net, which it must name
 * by its MAC. `--again` also builds the package twice and compares. Needs root, debootstrap, dnsmasq.
 */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'

const project = join(import.meta.dirname, '..', '..')
const SAYS_OPEN_MS = 30_000
const ENDS_MS = 15_000
const NAMED_TRIES = 20
/** Nothing of this machine's own settings. */
export const PLAIN = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

/** @param {readonly string[]} words */
export async function main(words) {
  const { values } = parseArgs({ args: [...words], options: { deb: { type: 'string' }, out: { type: 'string' }, level: { type: 'string', default: '6' }, again: { type: 'boolean', default: false } } })
  if (process.getuid?.() !== 0) throw new Error('needs root')
  const folder = mkdtempSync(join(tmpdir(), 'unbindery-root-'))
  const network = `ub-deb-${process.pid}`
  try {
    const deb = values.deb ?? build(join(folder, 'one'), values.out, values.level)
    if (values.again) {
      const [first, second] = [deb, build(join(folder, 'two'), values.out, values.level)].map(file => readFileSync(file))
      check('the same tree gives the same package', first !== undefined && second !== undefined && first.equals(second))
    }
    const root = join(folder, 'root')
    const { mirror, suite } = ownMirror()
    must('debootstrap', ['--variant=minbase', '--include=curl', suite, root, mirror])
    copyFileSync(deb, join(root, 'tmp', basename(deb)))
    process.stdout.write(must('chroot', [root, 'dpkg', '-i', `/tmp/${basename(deb)}`]))
    process.stdout.write(`package ${(statSync(deb).size / 1024 / 1024).toFixed(1)} MiB on Debian ${suite}\n`)
    must('ip', ['netns', 'add', network])
    must('ip', ['-n', network, 'link', 'set', 'lo', 'up'])
    await proveStation(root, network)
    await proveRights(root, network)
    proveRemoval(root)
  } finally {
    spawnSync('ip', ['netns', 'del', network])
    spawnSync('umount', [join(folder, 'root', 'proc')])
    if (existsSync(join(folder, 'root', 'proc', 'self'))) process.stdout.write(`${folder} still has /proc mounted; it is left as it is\n`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

async function proveStation(root, network) {
  const inside = (program, ...args) => spawnSync('ip', ['netns', 'exec', network, 'chroot', root, program, ...args], { encoding: 'utf8', env: PLAIN })
  must('mount', ['-t', 'proc', 'proc', join(root, 'proc')])
  check('nothing of another platform', inside('sh', '-c', "find /usr/lib/unbindery/node_modules -name '*.node' | xargs -n1 basename; ls -d /usr/lib/unbindery/node_modules/*/prebuilds/* 2>/dev/null").stdout.split('\n').every(line => !/darwin|win32|musl|arm/.test(line)))
  check('the configuration is a conffile', inside('dpkg-query', '-W', '-f=${Conffiles}', 'unbindery').stdout.includes('/etc/unbindery/config.json'))
  check('the user is there, and the data folder is its own', inside('stat', '-c', '%U %a', '/var/lib/unbindery').stdout.trim() === 'unbindery 700')
  const doctor = inside('unbindery', 'doctor', '--json')
  check('unbindery doctor speaks', JSON.parse(doctor.stdout).findings.some(f => f.name === 'card binding' && f.state === 'ok'))
  const words = /^ExecStart=(.*)$/m.exec(readFileSync(join(root, 'usr/lib/systemd/system/unbindery.service'), 'utf8'))?.[1]?.split(' ') ?? []
  // As the service would: the same line, the same user, without rights.
  const station = spawn('ip', ['netns', 'exec', network, 'chroot', '--userspec=unbindery:unbindery', root, ...words], { stdio: ['ignore', 'pipe', 'inherit'], env: PLAIN })
  try {
    const open = await said(station, /^OPEN +(\S+)/m, SAYS_OPEN_MS)
    const page = inside('curl', '-s', '-S', '-L', '-c', '/tmp/jar', open)
    check('the console answers', page.stdout.includes('<div id="root"') || page.stdout.includes('<script type="module"'))
    const script = /src="([^"]+\.js)"/.exec(page.stdout)?.[1] ?? ''
    const address = new URL(script.replace(/^\.\//, '/'), open)
    check('its program answers', inside('curl', '-s', '-S', '-o', '/dev/null', '-w', '%{http_code}', '-b', '/tmp/jar', String(address)).stdout === '200')
    const status = inside('unbindery', 'status')
    check('unbindery status answers', status.stdout.includes('TRAINING'))
    process.stdout.write(status.stdout.split('\n').slice(0, 3).map(line => `    ${line}\n`).join(''))
  } finally {
    const { promise, resolve } = Promise.withResolvers()
    station.once('exit', resolve)
    station.kill('SIGTERM')
    const timer = setTimeout(() => station.kill('SIGKILL'), ENDS_MS)
    check('it ends cleanly', await promise === 0)
    clearTimeout(timer)
    must('umount', [join(root, 'proc')])
  }
}

/** Live, as the unit has it: an ordinary user with its one right. A DHCP server of another net must be named with its MAC. */
async function proveRights(root, network) {
  const other = `${network}-ro`
  const mac = '02:00:00:77:00:66'
  const unit = readFileSync(join(root, 'usr/lib/systemd/system/unbindery.service'), 'utf8')
  const line = name => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]?.split(' ') ?? []
  const rights = ['-all', ...line('AmbientCapabilities').map(name => `+${name.toLowerCase().replace('cap_', '')}`)].join(',')
  check('the unit has one right and no more', line('CapabilityBoundingSet').join() === 'CAP_NET_RAW' && line('AmbientCapabilities').join() === 'CAP_NET_RAW' && line('RestrictAddressFamilies').includes('AF_PACKET'))
  const inside = (...words) => spawnSync('ip', ['netns', 'exec', network, 'chroot', root, ...words], { encoding: 'utf8', env: PLAIN })
  const ends = []
  try {
    must('mount', ['-t', 'proc', 'proc', join(root, 'proc')])
    must('ip', ['netns', 'add', other])
    must('ip', ['link', 'add', 'bench0', 'netns', network, 'type', 'veth', 'peer', 'name', 'eth0', 'address', mac, 'netns', other])
    for (const [where, card, address] of [[network, 'bench0', '10.77.0.1/24'], [other, 'eth0', '192.168.9.1/24']]) {
      must('ip', ['-n', where, 'address', 'add', address, 'dev', card])
      must('ip', ['-n', where, 'link', 'set', card, 'up'])
    }
    const opening = /^net\.ipv4\.ip_unprivileged_port_start *= *(\d+)$/m.exec(readFileSync(join(root, 'usr/lib/sysctl.d/60-unbindery.conf'), 'utf8'))?.[1]
    must('ip', ['netns', 'exec', network, 'sysctl', '-qw', `net.ipv4.ip_unprivileged_port_start=${opening}`])
    writeFileSync(join(root, 'etc/unbindery/config.json'), JSON.stringify({ mode: 'live', bench: { card: 'bench0', address: '10.77.0.1/24' }, wayOut: { check: 'off' } }))
    ends.push(spawn('ip', ['netns', 'exec', other, 'dnsmasq', '--no-daemon', '--no-ping', '--port=0', '--conf-file=/dev/null', '--user=root', '--interface=eth0', '--dhcp-range=192.168.9.50,192.168.9.60,600', '--dhcp-leasefile=/dev/null', '--pid-file='], { stdio: 'ignore' }))
    const asUnit = ['setpriv', '--reuid=unbindery', '--regid=unbindery', '--clear-groups', `--inh-caps=${rights}`, `--ambient-caps=${rights}`, `--bounding-set=${rights}`, '--no-new-privs']
    const station = spawn('ip', ['netns', 'exec', network, 'chroot', root, ...asUnit, ...line('ExecStart')], { stdio: ['ignore', 'pipe', 'inherit'], env: PLAIN })
    ends.push(station)
    await said(station, /^OPEN +(\S+)/m, SAYS_OPEN_MS)
    let fault = null
    for (let i = 0; i < NAMED_TRIES && fault?.context.mac !== mac; i += 1) {
      await new Promise(resolve => { setTimeout(resolve, 1000) })
      const { stdout } = inside('unbindery', 'network', '--json')
      fault = stdout === '' ? null : JSON.parse(stdout).dhcp.fault
    }
    check(`live with the rights of its unit, a DHCP server of another net is named: ${JSON.stringify(fault?.context ?? null)}`, fault?.code === 'net.foreign-dhcp' && fault.context.mac === mac)
  } finally {
    for (const child of ends.toReversed()) {
      const over = new Promise(resolve => { child.once('exit', resolve) })
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_MS)
      if (child.exitCode === null) await over
      clearTimeout(timer)
    }
    spawnSync('ip', ['netns', 'del', other])
    must('umount', [join(root, 'proc')])
  }
}

function proveRemoval(root) {
  must('chroot', [root, 'dpkg', '--purge', 'unbindery'])
  check('purged, only the data folder is left', !existsSync(join(root, 'usr/lib/unbindery')) && !existsSync(join(root, 'etc/unbindery')) && existsSync(join(root, 'var/lib/unbindery')))
}

export function build(to, out, level) {
  process.stdout.write(must(process.execPath, [join(project, 'scripts', 'package-headless.mjs'), '--to', to, '--level', level, ...(out === undefined ? [] : ['--out', out])]))
  const file = readdirSync(to).find(name => name.endsWith('.deb'))
  if (file === undefined) throw new Error('no package was made')
  return join(to, file)
}

/** The first Debian mirror of apt's own sources, and its suite. */
export function ownMirror() {
  const texts = ['/etc/apt/sources.list', ...['/etc/apt/sources.list.d'].flatMap(d => existsSync(d) ? readdirSync(d).toSorted().map(f => join(d, f)) : [])].filter(f => existsSync(f)).map(f => readFileSync(f, 'utf8'))
  for (const text of texts) {
    const line = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+main\b/m.exec(text)
    if (line?.[1]?.includes('debian')) return { mirror: line[1], suite: line[2] }
    for (const stanza of text.split(/\n\s*\n/)) {
      const field = name => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(stanza)?.[1]
      if (field('Types') === 'deb' && field('URIs')?.endsWith('/debian')) return { mirror: field('URIs'), suite: field('Suites') }
    }
  }
  throw new Error("apt's sources name no Debian mirror")
}

function said(child, pattern, ms) {
  const { promise, resolve, reject } = Promise.withResolvers()
  let text = ''
  const timer = setTimeout(() => reject(new Error(`the station did not open; it said: ${text}`)), ms)
  child.stdout.on('data', chunk => {
    text += chunk
    const found = pattern.exec(text)?.[1]
    if (found) resolve(found)
  })
  child.once('exit', code => reject(new Error(`the station ended with ${code}; it said: ${text}`)))
  return promise.finally(() => clearTimeout(timer))
}

export function must(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${error?.message ?? `${stdout.slice(-500)}${stderr.slice(-500)}`}`)
  return stdout
}

export function check(what, isSo) {
  process.stdout.write(`${isSo ? ' ok ' : 'FAIL'}  ${what}\n`)
  if (!isSo) throw new Error(what)
}
