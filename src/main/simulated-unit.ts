/**
 * One unit that does not exist, from intake to a certificate that is checked as a customer would check it: the same station,
 * in a virtual world with a ledger in memory, a key of its own and a time of its own. Nothing of it reaches the bench.
 */
import { minutes, type CertificateView, type UnitView } from '#shared'
import { Log } from './bench/log.ts'
import { loadConfig } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Sql } from './ports.ts'
import type { SimulatedUnit } from './proving.ts'
import { createStation } from './station.ts'
import { virtualAccess } from './training.ts'
import { VirtualOperator } from './virtual/operator.ts'
import { BENCH_CARD, World } from './virtual/world.ts'
import { viewCertificate } from './wire/certificate.ts'

/** Of the time in there; a wired unit takes some four minutes. */
const LIMIT = minutes(30)

/** `memory`: opens a ledger that is nowhere on the disk. Faults: those of the station in there; `ready.failed` when it came to no verdict. */
export async function simulateUnit(o: { readonly memory: Sql; readonly seed: number; readonly now: number; readonly version: string; readonly signal: AbortSignal }): Promise<SimulatedUnit> {
  const world = new World({ seed: o.seed, sql: o.memory, units: 1, pace: 'free', startAt: o.now })
  const run = <T>(promise: Promise<T>): Promise<T> => world.clock.run(promise, { limitMs: LIMIT })
  const config = loadConfig({ file: null, text: null, env: {}, flags: { 'bench.card': BENCH_CARD } })
  const station = await run(createStation(world.ports, config, { dataDir: '/simulated', log: new Log(() => undefined, () => world.clock.now()), version: o.version, access: virtualAccess() }))
  try {
    const ask = async <T>(name: 'units.find' | 'certificate.make', params: unknown): Promise<T> => {
      const answer = await run(station.gate.ask(name, params, { host: 'local' }))
      if (!answer.ok) throw new Fault(answer.fault.code, answer.fault.context)
      return answer.value as T // of the row asked for
    }
    await run(new VirtualOperator(world, { ask: (name, params) => station.gate.ask(name, params, { host: 'local' }) }).run(o.signal))
    const unit = (await ask<readonly UnitView[]>('units.find', { limit: 1 }))[0]
    if (unit?.outcome !== 'proven') throw new Fault('ready.failed', { outcome: unit?.outcome ?? 'none', code: unit?.fault?.code ?? '' })
    const { text } = await ask<CertificateView>('certificate.make', { unit: unit.uid })
    const { state } = viewCertificate(text, [{ key: publicKeyOf(station.ledger) }])
    return { outcome: unit.outcome, certificate: state, facts: station.ledger.lastSeq }
  } finally {
    await run(station.close())
    await world[Symbol.asyncDispose]()
  }
}

/** From history, as somebody has it who was only handed the ledger. */
function publicKeyOf(ledger: Awaited<ReturnType<typeof createStation>>['ledger']): string {
  const started = ledger.factsAfter(0, 10).find(f => f.body.kind === 'station.started')?.body
  return started?.kind === 'station.started' ? started.publicKey : ''
}
