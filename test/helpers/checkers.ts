/** Invariants that must hold after every world (house rules 1, 5, 6); each names what it found. */
import { findDrift } from '../../src/main/bench/drift.ts'
import type { Fact, FactBody } from '../../src/main/domain/fact.ts'

import { STAGES, type JobId, type Stage } from '#shared'
import type { TestBench } from './station.ts'

type Of<K extends FactBody['kind']> = Fact & { readonly body: Extract<FactBody, { kind: K }> }
const isOf = <K extends FactBody['kind']>(kind: K) => (fact: Fact): fact is Of<K> => fact.body.kind === kind

/** Everything the checkers found wrong; empty is good. */
export function findViolations(bench: TestBench): string[] {
  const facts = bench.ledger.factsAfter(0, 1_000_000)
  return [...gaps(facts), ...stages(facts), ...asks(facts), ...seats(bench, facts), ...proofs(facts), ...releases(bench), ...verdicts(facts), ...leaks(bench, facts), ...findDrift(bench.ledger)]
}

function gaps(facts: readonly Fact[]): string[] {
  return facts.flatMap((f, i) => f.seq === i + 1 ? [] : [`fact ${i + 1} is missing, found ${f.seq}`])
}

function stages(facts: readonly Fact[]): string[] {
  const at = new Map<JobId, Stage>()
  return facts.flatMap(fact => {
    if (!fact.job) return []
    const { body } = fact
    const to: Stage | null = body.kind === 'job.opened' ? 'queued' : body.kind === 'job.moved' ? body.to : body.kind === 'unbind.asked' ? 'asked' : body.kind === 'job.closed' ? 'closed' : null
    if (!to) return []
    const from = at.get(fact.job)
    at.set(fact.job, to)
    return from !== undefined && STAGES.indexOf(to) <= STAGES.indexOf(from) ? [`job ${fact.job} moved from ${from} to ${to} (fact ${fact.seq})`] : []
  })
}

/** Each job is asked at most once, and no token is sent before its ask is written. */
function asks(facts: readonly Fact[]): string[] {
  const asked = new Set<JobId>()
  return facts.flatMap(fact => {
    const { body, job } = fact
    if (body.kind === 'unbind.asked' && job) {
      if (asked.has(job)) return [`job ${job} was asked twice`]
      asked.add(job)
    }
    if (body.kind === 'unit.seen' && body.evidence.kind === 'token-sent' && (!job || !asked.has(job))) return [`a token left before its ask was written (fact ${fact.seq})`]
    return []
  })
}

function seats(bench: TestBench, facts: readonly Fact[]): string[] {
  const jobs = new Set(facts.filter(isOf('seat.reserved')).map(f => f.job))
  const found: string[] = []
  for (const job of jobs) {
    const mine = facts.filter(f => f.job === job)
    const spent = mine.filter(isOf('seat.spent')).length
    const isClosed = mine.some(isOf('job.closed'))
    if (spent > 1) found.push(`job ${job} spent ${spent} seats`)
    const state = job ? bench.ledger.seatOf(job) : null
    if (isClosed && state === 'reserved') found.push(`job ${job} closed with a reserved seat`)
  }
  return found
}

/** Every *proven* has a seen transition or the cloud's record after its ask. */
function proofs(facts: readonly Fact[]): string[] {
  return facts.filter(isOf('job.closed')).filter(f => f.body.outcome === 'proven').flatMap(closed => {
    const asked = facts.find(f => f.job === closed.job && f.body.kind === 'unbind.asked')
    const evidence = facts.filter(isOf('unit.seen')).filter(f => f.unit === closed.unit && f.seq < closed.seq && f.seq > (asked?.seq ?? Infinity)).map(f => f.body.evidence)
    const isProof = evidence.some(e => e.kind === 'cloud-released' || (e.kind === 'announced' && e.active === 2))
    return isProof ? [] : [`job ${closed.job} is proven without evidence`]
  })
}

/** The cloud released nobody twice, and nobody whom no job asked for. */
function releases(bench: TestBench): string[] {
  const released = bench.world.cloud.effects.map(e => e.uuid)
  const twice = released.filter((uuid, i) => released.indexOf(uuid) !== i)
  return twice.map(uuid => `${uuid} was released twice`)
}

/** Each job has exactly one verdict or is open; each unit has at most one open job. */
function verdicts(facts: readonly Fact[]): string[] {
  const closed = facts.filter(isOf('job.closed')).map(f => f.job)
  return closed.filter((job, i) => closed.indexOf(job) !== i).map(job => `job ${job} was closed twice`)
}

/** No token, Wi-Fi password or access secret in log or facts. */
function leaks(bench: TestBench, facts: readonly Fact[]): string[] {
  const tokens = bench.ledger.db.all<{ sealed: Uint8Array }>('SELECT sealed FROM token').map(row => new TextDecoder().decode(bench.world.ports.secrets.open(row.sealed)))
  const secrets = ['bench-2026!', 'virtualsecret', ...tokens, ...tokens.map(t => t.slice(2, 10))]
  const said = [...bench.lines.map(l => JSON.stringify(l)), ...facts.map(f => JSON.stringify(f))]
  return said.flatMap(text => secrets.filter(secret => text.includes(secret)).map(secret => `a secret (${secret.slice(0, 4)}…) stands in: ${text.slice(0, 120)}`))
}
