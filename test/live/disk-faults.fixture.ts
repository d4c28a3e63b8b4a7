// Saves units into the ledger named on the command line while strace spoils its disk; says what was saved and what was refused. Arguments: path, units, pause in ms.
import { writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Fault } from '../../src/main/domain/fault.ts'
import { unitId, LedgerBench } from '../helpers/ledger.ts'

const [, , path = '', units = '0', pause = '0'] = process.argv
const { ledger } = new LedgerBench(path)
const delay = monitorEventLoopDelay({ resolution: 1 })
if (pause !== '0') delay.enable()
for (let n = 0; n < Number(units); n += 1) {
  const unit = unitId(`n${n}`)
  try {
    ledger.commit(tx => {
      tx.append({ unit, body: { kind: 'unit.met', method: 'wired', by: 'scan' } })
      tx.append({ unit, body: { kind: 'unit.named', alias: { kind: 'serial', value: `SN-${n}` } } })
    })
    writeSync(1, `said ${ledger.chain.seq} ${Buffer.from(ledger.chain.hash).toString('hex')}\n`)
  } catch (thrown) {
    writeSync(1, `refused n${n} ${Fault.from(thrown).code}\n`)
  }
  if (pause !== '0') await new Promise(resolve => { setTimeout(resolve, Number(pause)) })
}
delay.disable()
writeSync(1, `loop ${delay.percentile(99) / 1e6} ${delay.max / 1e6}\n`)
process.exit()
