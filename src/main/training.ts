/**
 * Training: the same station on a virtual bench that works by itself. Its ledger and its key are its own; a virtual bench
 * cannot be resumed, so every start begins a new ledger and keeps the last few beside it.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Access } from './access.ts'
import { Secret, type Log } from './bench/log.ts'
import type { Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Gate } from './gate/gate.ts'
import type { Disk, Ports, Sql } from './ports.ts'
import { VIRTUAL_ACCOUNT } from './virtual/cloud.ts'
import { VirtualOperator } from './virtual/operator.ts'
import { BENCH_CARD, CENTRAL_URL, CLOUD_URL, TRAINING_FAULTS, VIRTUAL_WIFI, World } from './virtual/world.ts'

export interface Training {
  readonly ports: Ports
  readonly config: Config
  readonly access: Access
  /** The virtual operator goes to work. */
  start(gate: Gate): void
  close(): Promise<void>
}

const UNITS = 8
const CAMERAS = 30
const OLD_LEDGERS_MAX = 5

export function createTraining(o: { readonly dataDir: string; readonly sql: Sql; readonly disk: Disk; readonly log: Log; readonly config: Config; readonly now: number; readonly seed: number }): Training {
  putAside(join(o.dataDir, 'training'), o.now)
  const world = new World({ seed: o.seed, sql: o.sql, disk: o.disk, units: UNITS, cameras: CAMERAS, pace: 1, startAt: o.now, faults: TRAINING_FAULTS.units, cameraFaults: TRAINING_FAULTS.cameras, log: o.log.child({ part: 'virtual' }) })
  const life = new AbortController()
  let working: Promise<void> = Promise.resolve()
  return {
    ports: world.ports,
    config: { ...o.config, 'bench.card': BENCH_CARD, 'bench.address': '10.77.0.1/24', 'dhcp.poolStart': '10.77.0.20', 'dhcp.poolEnd': '10.77.0.219', 'printer.address': '' },
    access: virtualAccess(),
    start: gate => {
      const operator = new VirtualOperator(world, { ask: (name, params) => gate.ask(name, params, { host: 'local' }) })
      working = operator.runForever(life.signal).catch((thrown: unknown) => { if (!life.signal.aborted) o.log.fault('the virtual operator stopped', Fault.from(thrown)) })
    },
    close: async () => {
      life.abort(new Fault('station.stopped'))
      await working
      await world[Symbol.asyncDispose]()
    }
  }
}

/** What the virtual bench's accounts file would say. */
export function virtualAccess(): Access {
  const { id, clientId, secret, assetId, region } = VIRTUAL_ACCOUNT
  return {
    accounts: [{ id, clientId, secret: new Secret(secret), assetId, region, baseUrl: CLOUD_URL, products: [] }],
    wifi: [{ ssid: VIRTUAL_WIFI.ssid, password: new Secret(VIRTUAL_WIFI.password) }],
    centralUrl: CENTRAL_URL
  }
}

function putAside(dir: string, now: number): void {
  if (!existsSync(join(dir, 'ledger.db'))) return
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  for (const end of ['', '-wal', '-shm']) {
    const from = join(dir, `ledger.db${end}`)
    if (existsSync(from)) renameSync(from, join(dir, `ledger-${stamp}.db${end}`))
  }
  const old = readdirSync(dir).filter(name => /^ledger-.*\.db$/.test(name)).toSorted().slice(0, -OLD_LEDGERS_MAX)
  for (const name of old) for (const end of ['', '-wal', '-shm']) rmSync(join(dir, name + end), { force: true })
}
