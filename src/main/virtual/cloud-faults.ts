/** What may be wrong with the virtual cloud, as data that a test or `POST /virtual/faults` changes at run time. */

/** openapi: what stations call. device: what units call. events: where history is delivered. */
export const AREAS = ['openapi', 'device', 'events'] as const
export type Area = (typeof AREAS)[number]

export interface VirtualFaults {
  /** No answer, and nothing happens. */
  readonly outage: readonly Area[]
  /** It happens, but the answer is lost. */
  readonly lost: readonly Area[]
  /** It happens, and 200 with nonsense comes back. */
  readonly garbage: readonly Area[]
  /** 500, and nothing happens. */
  readonly errorBefore: readonly Area[]
  /** It happens, and 500 comes back. */
  readonly errorAfter: readonly Area[]
  /** So many of the next openapi calls are answered with 429. */
  readonly busy: number
  /** Every answer takes this long. */
  readonly delayMs: number
  /** An outcome shows in the results of its token only so much later. */
  readonly slowResultMs: number
  readonly duplicateResults: boolean
  /** The server's clock minus the true one. */
  readonly clockOffsetMs: number
  /** How long new tokens live; 0: as long as always. */
  readonly tokenLifeMs: number
  /** Product key to the code its units are refused with when they activate. */
  readonly refuse: Readonly<Record<string, string | number>>
  /** Product key to the code its tokens are refused with. */
  readonly refuseIssue: Readonly<Record<string, string | number>>
}

export const NO_FAULTS: VirtualFaults = {
  outage: [], lost: [], garbage: [], errorBefore: [], errorAfter: [], busy: 0, delayMs: 0, slowResultMs: 0,
  duplicateResults: false, clockOffsetMs: 0, tokenLifeMs: 0, refuse: {}, refuseIssue: {}
}

/** What a stranger posted, merged over `before`; the text names the first key that makes no sense. */
export function mergeFaults(before: VirtualFaults, change: unknown): VirtualFaults | string {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return 'an object is expected'
  for (const [key, value] of Object.entries(change)) {
    const sample: unknown = Object.entries(NO_FAULTS).find(([name]) => name === key)?.[1]
    if (!isLike(sample, value)) return `${key} makes no sense`
  }
  return { ...before, ...change }
}

function isLike(sample: unknown, value: unknown): boolean {
  if (typeof sample === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (Array.isArray(sample)) return Array.isArray(value) && value.every(item => AREAS.some(area => area === item))
  if (typeof sample !== 'object' || sample === null) return sample !== undefined && typeof value === typeof sample
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    && Object.values(value).every(code => typeof code === 'string' || typeof code === 'number')
}
