// The station of the kill proof: the virtual bench of a seed, a real file, the cloud in another process. Says after each commit how far it has come.
import { mkdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hours, millis, seconds } from '#shared'
import { Log } from '../../src/main/bench/log.ts'
import { loadConfig } from '../../src/main/config.ts'
import { LiveDisk } from '../../src/main/live/disk.ts'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { LiveWeb } from '../../src/main/live/web.ts'
import type { Web } from '../../src/main/ports.ts'
import { createStation } from '../../src/main/station.ts'
import { virtualAccess } from '../../src/main/training.ts'
import { VirtualOperator } from '../../src/main/virtual/operator.ts'
import { World } from '../../src/main/virtual/world.ts'
import { RETURN_SECONDS, type KillWorld } from '../helpers/kills.ts'

const { seed, units, pace, epoch, data, cloud } = JSON.parse(process.argv[2] ?? '{}') as KillWorld & { readonly data: string; readonly cloud: string } // written by the test
mkdirSync(join(data, 'training'), { recursive: true })
const live = new LiveWeb()
const forever = new AbortController().signal
const internet: Web = {
  world: 'virtual',
  request: async (request, signal) => {
    const { pathname, search } = new URL(request.url)
    return await live.request({ ...request, url: cloud + pathname + search, deadlineMs: millis(1000) }, signal)
  }
}
const state = await live.request({ method: 'GET', url: `${cloud}/virtual/state`, headers: {}, deadlineMs: millis(10_000) }, forever)
const { releases } = JSON.parse(new TextDecoder().decode(state.body)) as { releases: readonly { uuid: string }[] } // the cloud's own words
const free = new Set(releases.map(r => r.uuid))

// A unit that was released before the kill comes back as what it is by now: nobody's.
const world = new World({ seed, units, sql: new LiveSql(), disk: new LiveDisk(data), pace, startAt: epoch + (Date.now() - epoch) * pace, internet, shape: p => free.has(p.uuid) ? { ...p, deviceId: null } : p })
const config = loadConfig({ file: null, text: null, env: {}, flags: {
  'bench.card': 'bench0', 'bench.lanes': '16', 'dhcp.leaseSeconds': '60', 'dhcp.probeSeconds': '1', 'quota.accountPerDay': '100000', 'quota.productPerDay': '100000', 'quota.returnSeconds': String(RETURN_SECONDS)
} })
const log = new Log(line => { if (line.level === 'error') process.stderr.write(`${line.text} ${JSON.stringify(line.fields)}\n`) }, () => world.clock.now())
const station = await createStation(world.ports, config, { dataDir: data, log, version: '0.0.0-test', access: virtualAccess() })
const { ledger } = station
const say = (): void => { writeSync(1, `upto ${ledger.chain.seq} ${Buffer.from(ledger.chain.hash).toString('hex')}\n`) }
ledger.on(say)
writeSync(1, 'ready\n')
for (const unit of world.units) {
  const known = ledger.unitByAlias({ kind: 'tag', value: unit.profile.tag })
  const job = ledger.job(known === null ? null : ledger.unit(known)?.job ?? null)
  if (job?.stage === 'closed') await world.sendOn(unit)
}
await new VirtualOperator(world, { ask: (name, params) => station.gate.ask(name, params, { host: 'local' }) }).run(forever)
writeSync(1, 'worked\n')
// Verdicts, and then the ends of all tokens: until then a seat may still come back, later where the list could not be had.
const begun = world.clock.monotonic()
const isOpen = (): boolean => ledger.openJobs().length > 0 || ledger.db.all("SELECT 1 FROM seat s JOIN job j ON j.n = s.job JOIN id ON id.n = j.token JOIN token t ON t.uid = id.text WHERE s.state = 'spent' AND j.outcome = 'unproven' AND t.expires_at > ?", [world.clock.now() - seconds(RETURN_SECONDS + 420)]).length > 0
while (isOpen() && world.clock.monotonic() - begun < hours(1)) await world.clock.sleep(seconds(5), forever)
await station.close()
writeSync(1, 'finished\n')
process.exit(0)
