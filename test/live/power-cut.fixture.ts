// Writes units into the ledger named on the command line and says after each commit how far it has come; runs under strace. Arguments: path, commits, FULL or NORMAL.
import { writeSync } from 'node:fs'
import { LogMover } from '../../src/main/live/sqlite.ts'
import { LedgerBench } from '../helpers/ledger.ts'

const [, , path = '', commits = '0', synchronous = 'FULL'] = process.argv
const MOVED_EVERY = 8
const bench = new LedgerBench(path)
const mover = new LogMover(path)
const { ledger, db } = bench
if (synchronous === 'NORMAL') db.run('PRAGMA synchronous = NORMAL')
const say = (): void => { writeSync(1, `upto ${ledger.chain.seq} ${Buffer.from(ledger.chain.hash).toString('hex')}\n`) }
ledger.on(say)
for (let n = 0; n < Number(commits); n += 1) {
  const unit = bench.meet(`u${n}`, { aliases: [{ kind: 'serial', value: `SN-${n}` }] })
  if (n % 5 === 0 && synchronous === 'FULL') db.transaction(() => db.run("INSERT OR REPLACE INTO setting (key, value) VALUES ('lazy', ?)", [String(n)]), { isLazy: true })
  if (n % MOVED_EVERY === MOVED_EVERY - 1 && n < Number(commits) / 10) mover.move() // as the reader thread does it; later SQLite does it by itself
  if (n % 3 === 0) bench.tell(unit, bench.openJob(`j${n}`, unit), { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: null, provenAt: null })
}
process.exit() // as a power cut has it: nothing is closed
