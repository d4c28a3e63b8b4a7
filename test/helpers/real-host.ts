/** A whole station in a virtual world at its own pace, on a ledger on the real disk, with its own host and pages: for figures taken from a browser. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/main/config.ts'
import { Log } from '../../src/main/bench/log.ts'
import { serveHttp } from '../../src/main/hosts/http.ts'
import { Pages } from '../../src/main/hosts/static.ts'
import { LiveClock, LiveEntropy } from '../../src/main/live/clock.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { createStation } from '../../src/main/station.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { World } from '../../src/main/virtual/world.ts'
import { PAGES_DIR } from './fake-door.ts'

export interface RealHost extends AsyncDisposable { readonly url: string; /** In the whole of its history. */ readonly unitsKnown: () => number }

/** `folder`: holds `training/ledger.db`, or will. */
export async function openHost(folder: string): Promise<RealHost> {
  mkdirSync(join(folder, 'training'), { recursive: true })
  const clock = new LiveClock()
  const world = new World({ seed: 1, sql: new LiveSql(), pace: 1, startAt: clock.now() })
  const config = loadConfig({ file: null, text: null, env: {}, flags: { 'bench.card': 'bench0', 'care.keepDays': '0' } }) // a large ledger is not archived while it is measured
  const station = await createStation(world.ports, config, { dataDir: folder, log: new Log(() => undefined, () => clock.now()), version: '0.0.0-bench', access: virtualAccess() })
  const host = await serveHttp(station.gate, new LiveEntropy(), { pages: new Pages(PAGES_DIR), port: 0 })
  return {
    url: host.consoleUrl,
    unitsKnown: () => station.ledger.counter('units'),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await station.close()
      await world[Symbol.asyncDispose]()
    }
  }
}
