/** Everything with a serial line on one bench: adapters and their roles, lane power, recipes, consoles. Built together, started together. */
import type { Ports } from '../ports.ts'
import { ConsoleClaims } from './console-claims.ts'
import { ConsoleDesk, type ConsoleDeskSettings } from './console-desk.ts'
import type { Ledger } from './ledger.ts'
import type { Log } from './log.ts'
import { Power, type PowerSettings } from './power.ts'
import { openBook, type Book } from './recipe-book.ts'
import { ScannerPort } from './scanner-port.ts'
import type { Scope } from './scope.ts'
import { SerialPorts } from './serial-ports.ts'
import { TerminalDesk } from './terminal-desk.ts'

export interface ConsoleBench {
  readonly serialPorts: SerialPorts
  readonly power: Power
  readonly book: Book
  readonly consoles: ConsoleDesk
  readonly terminals: TerminalDesk
  readonly scanner: ScannerPort
  start(scope: Scope): Promise<void>
}

export function buildConsoleBench(ports: Pick<Ports, 'clock' | 'entropy' | 'serial' | 'disk'>, ledger: Ledger, log: Log, settings: ConsoleDeskSettings & PowerSettings): ConsoleBench {
  const serialPorts = new SerialPorts(ports, ledger, log.child({ part: 'serial' }))
  const power = new Power(ports, ledger, log.child({ part: 'power' }), lane => serialPorts.relayOf(lane), { wiring: settings.wiring })
  const book = openBook(ports.disk)
  for (const fault of book.faults) log.fault('a recipe of this bench has mistakes', fault)
  const claims = new ConsoleClaims()
  const consoles = new ConsoleDesk(ports, ledger, log.child({ part: 'consoles' }), { serialPorts, power, book, claims }, settings)
  const terminals = new TerminalDesk(ports, ledger, log.child({ part: 'terminals' }), { serialPorts, claims }, settings.folder)
  const scanner = new ScannerPort(ports, log.child({ part: 'scanner' }), serialPorts)
  const start = async (scope: Scope): Promise<void> => {
    await serialPorts.start(scope)
    power.start(scope)
    terminals.start(scope)
  }
  return { serialPorts, power, book, consoles, terminals, scanner, start }
}
