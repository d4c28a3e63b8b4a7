// Writes facts into the ledger named on the command line until somebody kills it; says each number after its commit.
import { writeSync } from 'node:fs'
import { LedgerBench } from '../helpers/ledger.ts'

const bench = new LedgerBench(process.argv[2])
const { ledger } = bench
for (let n = 0; n < 100_000; n += 1) {
  const unit = bench.meet(`u${process.pid}-${n}`)
  const job = bench.openJob(`j${process.pid}-${n}`, unit)
  bench.tell(unit, job, { kind: 'job.closed', outcome: 'withdrawn', grade: null, fault: null, provenAt: null })
  writeSync(1, `${ledger.lastSeq}\n`)
}
