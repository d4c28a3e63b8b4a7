/** One command at a time, with the fault of the last one, which stays until the next. */
import { useState } from 'react'
import type { FaultView } from '#shared'
import { asFault } from '../common/bridge.ts'

export interface Command { readonly fault: FaultView | null; readonly isAsking: boolean; readonly run: (asking: Promise<unknown>, done?: () => void) => void }

export function useCommand(): Command {
  const [fault, setFault] = useState<FaultView | null>(null)
  const [isAsking, setAsking] = useState(false)
  const run = (asking: Promise<unknown>, done: () => void = () => undefined): void => {
    setAsking(true)
    asking.then(() => { setFault(null); done() }, (thrown: unknown) => setFault(asFault(thrown))).finally(() => setAsking(false))
  }
  return { fault, isAsking, run }
}
