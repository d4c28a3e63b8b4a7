/**
 * `npm run bench -- dhcp [--rounds 5] [--seed 1] [--only NAME,NAME] [--brief] [--into FILE]`: our DHCP server beside dnsmasq, Kea and
 * the package `dhcp`, one at a time and in turns, each alone with the same seeded load in two network namespaces. Needs root on Linux.
 *
 * Server and load have a core each, and so has the kernel's work for packets that come in to either, as on two computers; the load
 * never sleeps while it counts, and tells how much of its time it was idle, so that a figure is the server's and not the load's. An
 * exchange during which the machine held the load itself up is not timed, and such exchanges are counted.
 * All keep their leases durably in memory-backed files, which suits the peers most; ours also runs on the disk (unbindery-disk), and as the whole
 * station. One server takes 35 to 50 s a round, all six five minutes, five rounds 25; in pieces: --rounds 1 --seed N --into FILE adds
 * a round to FILE and prints the medians of all that is in it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const [SERVER, CLIENTS] = [`ub-dhcpbench-${process.pid}-s`, `ub-dhcpbench-${process.pid}-c`]
const TEST = join(import.meta.dirname, '..', '..', 'test', 'bench')
const OUT = join(import.meta.dirname, '..', '..', 'out', 'main')
const CPU_RATE = 1000 // exchanges a second, below what each of them can do
/** The p99 is then the 40th worst; of fewer it tells of the machine's neighbours. */
const CALM_EXCHANGES = 4000
/** Before it, for all of them: a server that has been on for some minutes. The storms come before, to a server that has just begun. */
const WARM_EXCHANGES = 15_000
const RATE_FIRST = 2000
const RATE_MAX = 100_000 // no server and no load comes near it here: the search itself must not be what ends it
const RATE_SECONDS = 1.5
const DROPS_MAX = 0.001 // issue: highest rate with less than 0.1 % lost
/** Server and load alike go before the machine's other work, which would be measured else. */
const FIRST = ['nice', '-n', '-15']
/** The server has one core, the load another; so has what the kernel does with packets that come in. */
const [SERVER_CORE, LOAD_CORE] = cpus().length > 1 ? [0, 1] : [0, 0]
const on = (/** @type {number} */ core) => ['taskset', '-c', String(core), ...FIRST]
const LOAD_ENDS = 'the load ended'

/** How each server is started in its namespace: program, arguments, more environment. @typedef {{ program: string, args: string[], env?: Record<string, string> }} Start */
/** @type {Record<string, (dir: string) => Start>} */
const STARTS = {
  unbindery: ours,
  'unbindery-disk': ours,
  station: dir => {
    writeFileSync(join(dir, 'config.json'), JSON.stringify({
      mode: 'live', bench: { card: 'bench0', address: '10.77.0.1/20' }, dhcp: { poolStart: '10.77.1.0', poolEnd: '10.77.12.255', probeSeconds: 2 }
    }))
    return { program: process.execPath, args: [join(OUT, 'headless.js'), '--config', join(dir, 'config.json'), '--data', dir, '--port', '0'] }
  },
  dnsmasq: dir => ({
    program: 'dnsmasq',
    args: [
      '--no-daemon', '--no-ping', '--port=0', '--conf-file=/dev/null', '--user=root', '--quiet-dhcp', '--interface=bench0', '--dhcp-lease-max=5000',
      '--dhcp-range=10.77.1.0,10.77.12.255,255.255.240.0,600', `--dhcp-leasefile=${join(dir, 'leases')}`, `--pid-file=${join(dir, 'pid')}`
    ]
  }),
  kea: dir => {
    writeFileSync(join(dir, 'kea.json'), JSON.stringify({ Dhcp4: {
      'interfaces-config': { interfaces: ['bench0'] }, 'valid-lifetime': 600,
      'lease-database': { type: 'memfile', persist: true, name: join(dir, 'leases.csv'), 'lfc-interval': 0 },
      subnet4: [{ subnet: '10.77.0.0/20', pools: [{ pool: '10.77.1.0-10.77.12.255' }] }],
      loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: join(dir, 'log') }] }]
    } }))
    return { program: 'kea-dhcp4', args: ['-c', join(dir, 'kea.json')], env: { KEA_PIDFILE_DIR: dir, KEA_LOCKFILE_DIR: dir } }
  },
  'npm-dhcp': () => ({ program: process.execPath, args: [join(TEST, 'dhcp-peer.fixture.ts')] })
}

/** @param {string} dir @returns {Start} */
function ours(dir) {
  const changes = { prefix: 20, poolStart: '10.77.1.0', poolEnd: '10.77.12.255', probeMs: 2000 }
  return { program: process.execPath, args: [join(TEST, 'dhcp-serve.fixture.ts'), '600', join(dir, 'ledger.db'), JSON.stringify(changes)], env: { UB_QUIET: '1' } }
}

/** @param {readonly string[]} words */
export async function main(words) {
  const { values } = parseArgs({ args: [...words], options: { rounds: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' }, only: { type: 'string', default: Object.keys(STARTS).join() }, brief: { type: 'boolean', default: false }, into: { type: 'string' } } })
  const names = values.only.split(',').filter(name => Object.hasOwn(STARTS, name))
  process.stdout.write(`seed ${values.seed}, ${values.rounds} rounds of ${names.join(', ')}\n`)
  /** @type {Record<string, Record<string, number | null>[]>} */
  const found = { ...Object.fromEntries(names.map(name => [name, []])), ...values.into !== undefined && existsSync(values.into) ? JSON.parse(readFileSync(values.into, 'utf8')) : {} }
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const name of names) {
      const figures = await measure(name, Number(values.seed) + round, values.brief)
      found[name] = [...found[name] ?? [], figures]
      if (values.into !== undefined) writeFileSync(values.into, JSON.stringify(found))
      process.stdout.write(`${round + 1} ${name}: ${Object.entries(figures).map(([what, n]) => `${what} ${show(n)}`).join(', ')}\n`)
    }
  }
  print(found)
}

/** One server's life: a fresh start, then every figure. @param {string} name @param {number} seed @param {boolean} isBrief */
async function measure(name, seed, isBrief) {
  const isOnDisk = name === 'unbindery-disk' || name === 'station'
  const dir = mkdtempSync(join(isOnDisk ? tmpdir() : '/dev/shm', 'ub-dhcpbench-'))
  net(true, name === 'npm-dhcp')
  const start = STARTS[name]?.(dir)
  if (start === undefined) throw new Error(`no server ${name}`)
  const server = spawn('ip', ['netns', 'exec', SERVER, ...on(SERVER_CORE), start.program, ...start.args], { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, ...start.env } })
  const isOver = new Promise(resolve => server.once('exit', resolve))
  const load = startLoad(seed)
  try {
    const ready = await load.ask({ kind: 'ready', first: 90_000, clients: 1 })
    if (!ready.isReady) return {}
    return await figuresOf(load, server.pid ?? 0, isBrief)
  } finally {
    load.end()
    server.kill('SIGTERM')
    const killer = setTimeout(() => server.kill('SIGKILL'), 3000)
    await isOver
    clearTimeout(killer)
    net(false)
    rmSync(dir, { recursive: true, force: true })
  }
}

/** @param {ReturnType<typeof startLoad>} load @param {number} pid @param {boolean} isBrief @returns {Promise<Record<string, number | null>>} */
async function figuresOf(load, pid, isBrief) {
  const warm = { kind: 'rate', first: 0, clients: 250, rate: 300 }
  const small = await load.ask({ kind: 'storm', first: 10_000, clients: 48 })
  const large = await load.ask({ kind: 'storm', first: 20_000, clients: 250 })
  const exchanges = isBrief ? 400 : CALM_EXCHANGES
  await load.ask({ ...warm, rate: CPU_RATE, exchanges: isBrief ? exchanges : WARM_EXCHANGES })
  const calm = await load.ask({ ...warm, rate: 200, exchanges })
  const known = await cpuOf(load, pid, { ...warm, rate: CPU_RATE, exchanges: CPU_RATE * (isBrief ? 1 : 3) })
  const figures = {
    'storm 48 ms': small.ms, 'storm 250 ms': large.ms, 'repeats': small.sent - 48 + large.sent - 250, 'p99 at 200/s ms': calm.p99Ms, 'of these not timed %': calm.heldUp / exchanges * 100, 'CPU us': known
  }
  if (isBrief) return figures
  const rate = await highestRate(load)
  await load.ask({ kind: 'rate', first: 30_000, clients: 2000, rate: 400, exchanges: 2000 })
  const many = await cpuOf(load, pid, { kind: 'rate', first: 30_000, clients: 2000, rate: CPU_RATE, exchanges: CPU_RATE * 3 })
  return { ...figures, 'rate/s': rate.good, 'load idle at that rate %': rate.spare * 100, 'CPU us, 2,000 known': many }
}

/** Microseconds of the server's processor time for each exchange that came to its end. @param {ReturnType<typeof startLoad>} load @param {number} pid @param {object} order */
async function cpuOf(load, pid, order) {
  const before = cpuMicros(pid)
  const { done } = await load.ask(order)
  return done === 0 ? null : (cpuMicros(pid) - before) / done
}

/** Doubles or halves until it turns, then halves the gap; a first failure is tried again, as the machine has neighbours. @param {ReturnType<typeof startLoad>} load */
async function highestRate(load) {
  let [good, bad, spare] = [0, RATE_MAX, 1]
  for (let tries = 0, rate = RATE_FIRST; tries < 14 && rate >= RATE_FIRST / 16 && bad - good > good * 0.06; tries += 1) {
    let run = await holds(load, rate)
    if (!run.isGood) run = await holds(load, rate)
    if (run.isGood) [good, spare] = [rate, run.spare]
    else bad = rate
    rate = good === 0 ? rate / 2 : bad === RATE_MAX ? Math.min(good * 2, RATE_MAX - 1) : Math.round((good + bad) / 2)
  }
  return { good, spare }
}

/** @param {ReturnType<typeof startLoad>} load @param {number} rate */
async function holds(load, rate) {
  const exchanges = Math.max(1000, rate * RATE_SECONDS)
  const { lost, perSecond, spare } = await load.ask({ kind: 'rate', first: 0, clients: 250, rate, exchanges })
  if (process.env['UB_TRACE']) process.stderr.write(`  ${rate}/s: lost ${lost}, sent ${perSecond.toFixed(0)}/s, spare ${spare.toFixed(2)}\n`)
  return { isGood: lost / exchanges < DROPS_MAX && perSecond > rate * 0.97, spare }
}

/** @param {number} seed */
function startLoad(seed) {
  const child = spawn('ip', ['netns', 'exec', CLIENTS, ...on(LOAD_CORE), process.execPath, join(TEST, 'dhcp-load.fixture.ts'), 'eth0', String(seed)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    /** @param {object} order @returns {Promise<any>} */
    ask: async order => {
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const line = await lines.next()
      if (line.done) throw new Error(LOAD_ENDS)
      return JSON.parse(line.value)
    },
    end: () => { child.stdin.end() }
  }
}

/** Of all threads; the scheduler's own count, in nanoseconds. @param {number} pid */
function cpuMicros(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000, 0)
  } catch {
    return Number.NaN
  }
}

/** Two namespaces and a cable between them. `isInSubnet`: one server answers to the subnet's broadcast, which only a card with an address takes. @param {boolean} isUp @param {boolean} isInSubnet */
function net(isUp, isInSubnet = false) {
  const ip = (/** @type {string[]} */ ...args) => execFileSync('ip', args, { stdio: 'pipe' })
  for (const name of [SERVER, CLIENTS]) try { ip('netns', 'del', name) } catch { /* it was not there */ }
  if (!isUp) return
  for (const name of [SERVER, CLIENTS]) ip('netns', 'add', name)
  ip('link', 'add', 'bench0', 'netns', SERVER, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', CLIENTS)
  ip('-n', SERVER, 'address', 'add', '10.77.0.1/20', 'brd', '+', 'dev', 'bench0')
  if (isInSubnet) ip('-n', CLIENTS, 'address', 'add', '10.77.15.254/20', 'brd', '+', 'dev', 'eth0')
  for (const [name, card] of [[SERVER, 'bench0'], [SERVER, 'lo'], [CLIENTS, 'eth0']]) ip('-n', name ?? '', 'link', 'set', card ?? '', 'up')
  for (const [name, card, core] of [[SERVER, 'bench0', SERVER_CORE], [CLIENTS, 'eth0', LOAD_CORE]]) {
    ip('netns', 'exec', String(name), 'sh', '-c', `echo ${(1 << Number(core)).toString(16)} > /sys/class/net/${card}/queues/rx-0/rps_cpus`)
  }
}

/** Medians, and beside each the ratio to ours. @param {Record<string, Record<string, number | null>[]>} found */
function print(found) {
  const names = Object.keys(found)
  const rows = [...new Set(Object.values(found).flat().flatMap(Object.keys))]
  const base = names[0] ?? ''
  process.stdout.write(`\n| median | ${names.join(' | ')} |\n| --- |${' ---: |'.repeat(names.length)}\n`)
  for (const row of rows) {
    const own = median(found[base] ?? [], row)
    const cells = names.map(name => {
      const n = median(found[name] ?? [], row)
      const ratio = name === base || n === null || own === null || own === 0 ? '' : ` (x ${(n / own).toFixed(2)})`
      return `${show(n)}${ratio}`
    })
    process.stdout.write(`| ${row} | ${cells.join(' | ')} |\n`)
  }
}

/** @param {readonly Record<string, number | null>[]} rounds @param {string} row */
function median(rounds, row) {
  const values = rounds.map(r => r[row]).filter(n => typeof n === 'number' && Number.isFinite(n)).toSorted((a, b) => a - b)
  return values[Math.floor(values.length / 2)] ?? null
}

/** @param {number | null | undefined} n */
const show = n => n === null || n === undefined ? '-' : n >= 100 ? n.toFixed(0) : n.toFixed(1)
