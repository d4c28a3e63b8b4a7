/** What a verb of the command line prints while it answers. */
import { vi } from 'vitest'

export interface Printed { readonly code: number; readonly out: string; readonly err: string }

/** Runs it with both outputs caught; they are given back also when it throws. */
export async function printedBy(answer: () => Promise<number>): Promise<Printed> {
  const said = { out: '', err: '' }
  using _out = vi.spyOn(process.stdout, 'write').mockImplementation(text => (said.out += String(text)) !== '')
  using _err = vi.spyOn(process.stderr, 'write').mockImplementation(text => (said.err += String(text)) !== '')
  const code = await answer()
  return { code, ...said }
}
