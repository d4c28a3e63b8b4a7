/**
 * A stretch of history as a file: JSON Lines, first what it is, then one fact a line, exactly the members the chain is over.
 * Whoever has the chain before it can check it without us.
 */
import { createHash } from 'node:crypto'
import { chainFact, type ChainedFact } from './chain.ts'

/** `before` and `hash`: the chain before the first and after the last fact, hex. */
export interface StretchHead { readonly station: string; readonly from: number; readonly to: number; readonly before: string; readonly hash: string }

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export function stretchText(head: StretchHead, facts: readonly ChainedFact[]): string {
  const { station, from, to, before, hash } = head
  return [{ kind: 'unbindery.archive', v: 1, station, from, to, before, hash }, ...facts.map(({ seq, at, unit, job, wave, operator, body }) => ({ seq, at, unit, job, wave, operator, body }))]
    .map(line => `${JSON.stringify(line)}\n`).join('')
}

/** The facts of a stretch, or what is wrong with it: each number, and the chain from its own beginning to its own end. */
export function readStretch(text: string, wanted: StretchHead): readonly ChainedFact[] | string {
  const what = `the archive of facts ${wanted.from} to ${wanted.to}`
  try {
    const [first, ...facts] = text.trimEnd().split('\n').map(line => JSON.parse(line) as unknown)
    const head = first as Readonly<Record<string, unknown>> // compared member by member in the next line
    if (head['kind'] !== 'unbindery.archive' || head['v'] !== 1 || (['station', 'from', 'to', 'before', 'hash'] as const).some(key => head[key] !== wanted[key])) return `${what} is another file`
    let link: Uint8Array = Buffer.from(wanted.before, 'hex')
    const read = facts as readonly ChainedFact[] // the chain below is over all their members
    for (const [i, fact] of read.entries()) {
      if (fact.seq !== wanted.from + i) return `${what} was altered: fact ${wanted.from + i} is missing`
      link = chainFact(link, fact)
    }
    const isWhole = read.length === wanted.to - wanted.from + 1 && Buffer.from(link).toString('hex') === wanted.hash
    return isWhole ? read : `${what} was altered: it does not fit the chain`
  } catch {
    return `${what} cannot be read`
  }
}
