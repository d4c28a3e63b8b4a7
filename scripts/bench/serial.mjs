/**
 * `npm run bench -- serial [CONSOLES] [SECONDS] [BAUD]`: 16 consoles at 115200 at once by default, each over a real pty (socat) at the
 * full rate of its line. Fails when a byte or a prompt is lost, above 5 ms of event loop delay (p99), or above one core.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** @param {readonly string[]} words */
export function main([consoles = '16', lasting = '20', baud = '115200']) {
  const fixture = join(import.meta.dirname, '..', '..', 'test', 'bench', 'serial-load.fixture.ts')
  // Before the machine's other work, which would be measured else; needs root.
  const first = process.getuid?.() === 0 ? ['nice', '-n', '-15'] : []
  const args = [process.execPath, fixture, consoles, lasting, baud]
  process.exitCode = spawnSync(first[0] ?? process.execPath, [...first.slice(1), ...(first.length > 0 ? args : args.slice(1))], { stdio: 'inherit' }).status ?? 1
}
