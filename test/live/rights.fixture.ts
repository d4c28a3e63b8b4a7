// Opens a serial port without having the right to, and says which fault that was. Run as somebody who is not root.
import { Fault } from '../../src/main/domain/fault.ts'
import { LiveSerial } from '../../src/main/live/serial.ts'

const told = await new LiveSerial().open(process.argv[2] ?? '', { baud: 115_200 }, AbortSignal.timeout(5000)).then(() => 'open', (thrown: unknown) => Fault.from(thrown).code)
process.stdout.write(`${told}\n`)
