/**
 * `npm run package:headless`: a Debian package of the headless station, with dpkg-deb and nothing else. Node inside, only
 * what runs in production, only this platform's native parts. The same tree gives the same bytes. `--level 0` is quick and large.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, lstatSync, lutimesSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'

const root = dirname(import.meta.dirname)
const platform = `${process.platform}-${process.arch}`
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }
/** What a package needs only to be built, or on another platform. */
const LEFT_OUT = [
  /^better-sqlite3\/(deps|src)\//, /^better-sqlite3\/binding\.gyp$/, /^koffi\/(vendor|doc|lib\/native)\//, /^koffi\/src\/.*(?<!\.c?js)$/, /^koffi\/cnoke\.cjs$/, /^pdfkit\/\.yarn\//, /^pdfkit\/js\/pdfkit\.(browser|standalone|old)/, /^fontkit\/(src\/|dist\/browser)/, /^zxing-wasm\/dist\/(?!reader\/|es\/(reader\/|share\.js))/,
  /^@serialport\/bindings-cpp\/(src\/|binding\.gyp$)/, /\.(md|markdown|map|d\.ts|d\.cts|d\.mts|ts)$/i, /(^|\/)(test|tests|docs|\.github|\.vscode)\//, /musl/
]
const BUILD_ONLY = new Set(['@types/emscripten', 'type-fest', 'node-addon-api', 'node-gyp-build-optional-packages'])

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'out') }, to: { type: 'string', default: join(root, 'dist') }, level: { type: 'string', default: '6' } } })
const { name, version, description, homepage, dependencies } = readJson(join(root, 'package.json'))
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? lastCommit())

async function main() {
  const architecture = ARCHITECTURES[process.arch]
  const node = join(root, 'node_modules', `node-${platform}`, 'bin', 'node')
  if (process.platform !== 'linux' || architecture === undefined) throw new Error(`a package can be made on Linux x64 and arm64, not on ${platform}`)
  for (const needed of [node, join(values.out, 'main', 'headless.js')]) if (!existsSync(needed)) throw new Error(`${needed} is not there; run: npm ci && npm run build`)
  const tree = mkdtempSync(join(tmpdir(), 'unbindery-deb-'))
  try {
    layProgram(tree, node)
    laySystem(tree)
    layControl(tree, architecture)
    calm(tree)
    mkdirSync(values.to, { recursive: true })
    const file = join(values.to, `${name}_${version}_${architecture}.deb`)
    // One thread: several would cut the stream in other places on another machine.
    const { status, stderr } = spawnSync('dpkg-deb', ['--root-owner-group', '-Zxz', `-z${values.level}`, '--threads-max=1', '--build', tree, file], { encoding: 'utf8', env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) } })
    if (status !== 0) throw new Error(`dpkg-deb: ${stderr}`)
    const installed = sizeOf(tree)
    process.stdout.write(`${relative(process.cwd(), file)}\n  ${mib(statSync(file).size)} MiB to carry, ${mib(installed)} MiB installed (Node ${mib(statSync(node).size)})\n  sha256 ${createHash('sha256').update(readFileSync(file)).digest('hex')}\n`)
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

/** Laid out as in a clone, so that every path in the programs means the same. */
function layProgram(tree, node) {
  const home = join(tree, 'usr/lib/unbindery')
  copyInto(node, join(home, 'bin/node'))
  chmodSync(join(home, 'bin/node'), 0o755)
  for (const file of filesOf(values.out)) if (!file.endsWith('.map')) copyInto(join(values.out, file), join(home, 'out', file))
  for (const file of filesOf(join(root, 'resources'))) if (!file.startsWith('linux/')) copyInto(join(root, 'resources', file), join(home, 'resources', file))
  for (const place of productionPackages()) {
    const from = join(root, 'node_modules', place)
    for (const file of filesOf(from)) {
      const path = `${place}/${file}`
      if (!file.startsWith('node_modules/') && !isForOthers(path) && !LEFT_OUT.some(pattern => pattern.test(path))) copyInto(join(from, file), join(home, 'node_modules', path))
    }
  }
  write(join(home, 'package.json'), `${JSON.stringify({ name, version, type: 'module', private: true }, null, 2)}\n`)
  write(join(tree, 'usr/bin/unbindery'), '#!/bin/sh\n# The station of the package keeps its data in /var/lib/unbindery; only root and the station may read it.\nexport XDG_DATA_HOME="${XDG_DATA_HOME:-/var/lib}"\nexec /usr/lib/unbindery/bin/node /usr/lib/unbindery/out/main/cli.js "$@"\n', 0o755)
}

function laySystem(tree) {
  const linux = join(root, 'resources/linux')
  for (const file of readdirSync(linux)) {
    if (/\.(service|socket)$/.test(file)) copyInto(join(linux, file), join(tree, 'usr/lib/systemd/system', file))
  }
  copyInto(join(linux, 'unbindery-generator'), join(tree, 'usr/lib/systemd/system-generators/unbindery-generator'))
  chmodSync(join(tree, 'usr/lib/systemd/system-generators/unbindery-generator'), 0o755)
  copyInto(join(linux, '60-unbindery.conf'), join(tree, 'usr/lib/sysctl.d/60-unbindery.conf'))
  copyInto(join(linux, '60-unbindery.rules'), join(tree, 'usr/lib/udev/rules.d/60-unbindery.rules'))
  write(join(tree, 'etc/unbindery/config.json'), '{\n  "mode": "training"\n}\n')
  copyInto(join(root, 'node_modules', `node-${platform}`, 'LICENSE'), join(tree, 'usr/share/doc/unbindery/LICENSE.node'))
  const readme = join(root, 'README.md')
  if (existsSync(readme)) copyInto(readme, join(tree, 'usr/share/doc/unbindery/README.md'))
}

function layControl(tree, architecture) {
  const control = join(tree, 'DEBIAN')
  write(join(control, 'control'), [
    `Package: ${name}`, `Version: ${version}`, `Architecture: ${architecture}`, 'Maintainer: Unbindery <station@unbindery.example>', `Homepage: ${homepage}`,
    'Section: net', 'Priority: optional', `Installed-Size: ${Math.ceil(sizeOf(tree) / 1024)}`,
    'Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1, passwd', 'Recommends: nftables, dnsmasq-base, iproute2, procps', `Description: ${description.split(',')[0]}`, ` ${description}.`, ''
  ].join('\n'))
  write(join(control, 'conffiles'), '/etc/unbindery/config.json\n')
  write(join(control, 'postinst'), POSTINST, 0o755)
  write(join(control, 'prerm'), PRERM, 0o755)
  write(join(control, 'postrm'), POSTRM, 0o755)
  const sums = filesOf(tree).filter(f => !f.startsWith('DEBIAN/')).map(f => `${createHash('md5').update(readFileSync(join(tree, f))).digest('hex')}  ${f}\n`)
  write(join(control, 'md5sums'), sums.join(''))
}

const POSTINST = `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  getent passwd unbindery >/dev/null || useradd --system --user-group --home-dir /var/lib/unbindery --no-create-home --shell /usr/sbin/nologin unbindery
  if getent group dialout >/dev/null; then usermod -aG dialout unbindery; fi
  install -d -o unbindery -g unbindery -m 700 /var/lib/unbindery
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    sysctl -q -p /usr/lib/sysctl.d/60-unbindery.conf || true
    udevadm control --reload || true
    systemctl try-restart unbindery.service || true
  fi
fi
`
const PRERM = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now unbindery.service unbindery-dhcp67.socket unbindery-dhcp68.socket unbindery-bench-net.service || true
fi
`
const POSTRM = `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
# The ledger is proof of work done: it stays in /var/lib/unbindery until somebody removes it by hand.
`

/** Where in node_modules the packages lie that run in production, each with what it needs itself. */
function productionPackages() {
  const found = new Set()
  const add = (wanted, from) => {
    const place = placeOf(wanted, from)
    if (place === null || found.has(place) || BUILD_ONLY.has(wanted) || wanted.startsWith('node-linux-') || wanted.startsWith('node-win-')) return
    const manifest = readJson(join(root, 'node_modules', place, 'package.json'))
    if (manifest.os && !manifest.os.includes(process.platform) || manifest.cpu && !manifest.cpu.includes(process.arch)) return
    found.add(place)
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) add(next, place)
  }
  for (const wanted of Object.keys(dependencies)) add(wanted, '')
  return [...found].toSorted((a, b) => a < b ? -1 : 1)
}

/** As Node looks for it: beside the one that asks, then in the folders above. */
function placeOf(wanted, from) {
  for (let at = from; ; at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '') {
    const place = at === '' ? wanted : `${at}/node_modules/${wanted}`
    if (existsSync(join(root, 'node_modules', place, 'package.json'))) return place
    if (at === '') return null
  }
}

function isForOthers(path) {
  const prebuilt = /\/prebuilds\/([^/]+)/.exec(path)?.[1]
  return prebuilt !== undefined && prebuilt.replace(/\.node$/, '') !== platform
}

function lastCommit() {
  const { status, stdout } = spawnSync('git', ['-C', root, 'log', '-1', '--format=%ct'], { encoding: 'utf8' })
  return status === 0 ? Number(stdout.trim()) : 0
}

/** Modes and times that do not depend on who builds, and when. */
function calm(folder) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    const isFolder = lstatSync(path).isDirectory()
    if (isFolder) calm(path)
    chmodSync(path, isFolder || (statSync(path).mode & 0o100) !== 0 ? 0o755 : 0o644)
    lutimesSync(path, epoch, epoch)
  }
  chmodSync(folder, 0o755)
  lutimesSync(folder, epoch, epoch)
}

/** Paths of all files, sorted. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(e => e.isFile()).map(e => relative(folder, join(e.parentPath, e.name))).toSorted()
}

function sizeOf(folder) {
  return filesOf(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
}

function copyInto(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}

function write(path, text, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode })
  chmodSync(path, mode)
}

function readJson(path) { return JSON.parse(readFileSync(path, 'utf8')) }
function mib(bytes) { return (bytes / 1024 / 1024).toFixed(1) }

await main()
