/** Figures of a bench: taken with the monotonic clock, told as one JSON object a line. */
import { performance } from 'node:perf_hooks'

export const tell = (figures: Record<string, unknown>): void => { process.stdout.write(`${JSON.stringify(figures)}\n`) }
export const rounded = (n: number): number => Number(n.toPrecision(3))
export const share = (taken: readonly number[], of: number): number => taken.toSorted((a, b) => a - b)[Math.min(taken.length - 1, Math.floor(taken.length * of))] ?? 0
export const median = (taken: readonly number[]): number => share(taken, 0.5)
export const percentiles = (taken: readonly number[]): Record<string, number> => ({ p50: rounded(share(taken, 0.5)), p99: rounded(share(taken, 0.99)), max: rounded(share(taken, 1)) })

/** Milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export async function times(n: number, work: (i: number) => unknown): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < n; i += 1) found.push(await timed(() => work(i)))
  return found
}

/** Says whether a figure is what it should be; a bench that misses one fails. */
export function expectFigure(name: string, found: number, isGood: boolean, wanted: string): void {
  if (isGood) return
  tell({ missed: name, found: rounded(found), wanted })
  process.exitCode = 1
}
