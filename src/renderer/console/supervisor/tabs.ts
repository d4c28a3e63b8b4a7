/** The tabs of the supervisor, in the order in which they stand. */
export const SUPERVISOR_TABS = ['units', 'batches', 'holds', 'certificates', 'unmatched', 'quota', 'log', 'handover'] as const
export type SupervisorTab = (typeof SUPERVISOR_TABS)[number]
