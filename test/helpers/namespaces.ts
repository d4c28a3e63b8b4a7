/**
 * A bench in network namespaces: a switch, the station on one port of it, units on the others, and a cloud behind the
 * station's second card. Everything made here is taken down again; names are this process's own.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdirSync } from 'node:fs'

export const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Why namespaces cannot be used here; null: they can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  try {
    ip('netns', 'list')
    execFileSync('sh', ['-c', 'command -v udhcpc || command -v busybox'], { stdio: 'ignore' })
    return null
  } catch {
    return 'ip or udhcpc is missing'
  }
}

export interface Running { readonly child: ChildProcess; readonly lines: string[]; until(test: (line: string) => boolean, ms: number): Promise<string>; end(): Promise<void> }

export class BenchNet implements AsyncDisposable {
  readonly #prefix: string
  readonly #made: string[] = []
  readonly #running: Running[] = []
  readonly cloudUrl = 'http://10.99.0.2:8090'

  constructor(prefix: string, ports: number) {
    this.#prefix = prefix
    for (const name of ['sw', 'st', 'cl']) this.#add(name)
    ip('-n', this.#ns('sw'), 'link', 'add', 'br0', 'type', 'bridge')
    ip('-n', this.#ns('sw'), 'link', 'set', 'br0', 'up')
    this.#plug('st', 'bench0')
    ip('-n', this.#ns('st'), 'addr', 'add', '10.77.0.1/24', 'brd', '+', 'dev', 'bench0')
    ip('link', 'add', 'up0', 'netns', this.#ns('st'), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#ns('cl'))
    ip('-n', this.#ns('st'), 'addr', 'add', '10.99.0.1/24', 'dev', 'up0')
    ip('-n', this.#ns('cl'), 'addr', 'add', '10.99.0.2/24', 'dev', 'eth0')
    ip('-n', this.#ns('st'), 'link', 'set', 'up0', 'up')
    ip('-n', this.#ns('cl'), 'link', 'set', 'eth0', 'up')
    ip('-n', this.#ns('st'), 'route', 'add', 'default', 'via', '10.99.0.2')
    ip('-n', this.#ns('cl'), 'route', 'add', '10.77.0.0/24', 'via', '10.99.0.1')
    this.exec('st', 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    for (let i = 1; i <= ports; i += 1) {
      this.#add(`u${i}`)
      this.#plug(`u${i}`, 'eth0')
    }
  }

  exec(where: string, program: string, ...args: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#ns(where), program, ...args], { encoding: 'utf8' })
  }

  /** Starts one of the built programs in a namespace. */
  start(where: string, entry: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn('ip', ['netns', 'exec', this.#ns(where), process.execPath, entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    const lines: string[] = []
    const waiting = new Set<() => void>()
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        lines.push(line)
        for (const wake of waiting) wake()
      })
    }
    const running: Running = {
      child, lines,
      until: async (test, ms) => {
        const end = Date.now() + ms
        for (;;) {
          const found = lines.find(test)
          if (found !== undefined) return found
          if (Date.now() > end || child.exitCode !== null) throw new Error(`${entry} in ${where} did not say it; it said:\n${lines.join('\n')}`)
          const { promise, resolve } = Promise.withResolvers<void>()
          const timer = setTimeout(resolve, 200)
          waiting.add(resolve)
          await promise
          waiting.delete(resolve)
          clearTimeout(timer)
        }
      },
      end: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const { promise, resolve } = Promise.withResolvers<void>()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
        await promise
        clearTimeout(timer)
      }
    }
    this.#running.push(running)
    return running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map(r => r.end()))
    for (const name of this.#made.toReversed()) {
      try { ip('netns', 'del', name) } catch { /* it was never made whole */ }
    }
  }

  #ns(name: string): string { return `${this.#prefix}-${name}` }

  #add(name: string): void {
    ip('netns', 'add', this.#ns(name))
    this.#made.push(this.#ns(name))
    ip('-n', this.#ns(name), 'link', 'set', 'lo', 'up')
  }

  #plug(name: string, card: string): void {
    ip('link', 'add', card, 'netns', this.#ns(name), 'type', 'veth', 'peer', 'name', `p-${name}`, 'netns', this.#ns('sw'))
    ip('-n', this.#ns('sw'), 'link', 'set', `p-${name}`, 'master', 'br0', 'up')
    ip('-n', this.#ns(name), 'link', 'set', card, 'up')
  }
}

/** A live configuration for the bench above. */
export function benchConfig(folder: string, more: Readonly<Record<string, unknown>> = {}): object {
  mkdirSync(folder, { recursive: true })
  return {
    mode: 'live',
    bench: { card: 'bench0', address: '10.77.0.1/24' },
    dhcp: { poolStart: '10.77.0.20', poolEnd: '10.77.0.60', router: '10.77.0.1', probeSeconds: 1 },
    accounts: [{ id: 'house', clientId: 'virtualclient0000001', secretEnv: 'UB_SECRET', baseUrl: 'http://10.99.0.2:8090', assetId: 'bench', region: 'EU' }],
    sync: { baseUrl: 'http://10.99.0.2:8090' },
    job: { proofSeconds: 60, firstAlone: 'off' },
    wayOut: { check: 'off' }, // the cloud of this bench is no vendor's
    lan: { take: 'all' },
    ...more
  }
}
export const SECRET_ENV = { UB_SECRET: 'virtualsecret00000000000000000001' }
