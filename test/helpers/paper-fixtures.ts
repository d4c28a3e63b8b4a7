/** Canned views of the settings: a printer that is well, backups, two destinations, who changed what; and papers as the door gives them. */
import { hours, minutes, type AsideView, type BackupView, type FactView, type PaperView, type PrinterView, type StatusView, type SyncView } from '#shared'
import { BENCH, HOSTILE, NOW } from './fixtures.ts'

const PAPER = (name: string): PaperView => ({ name: `${name}.pdf`, type: 'application/pdf', base64: Buffer.from(`%PDF-1.7 ${name}`).toString('base64') })
export const PRINTER: PrinterView = { address: '10.77.0.9:9100', fault: null, waiting: 2, sent: 61, widthMm: 50, heightMm: 30, dpi: 203 }
const SYNC: readonly SyncView[] = [
  { destination: 'central', acked: 310, last: 320, oldestUnsentAt: NOW - minutes(2), fault: null, aside: 0 },
  { destination: HOSTILE, acked: 12, last: 320, oldestUnsentAt: NOW - hours(9), fault: { code: 'sync.unreachable', context: {} }, aside: 1 }
]
const BACKUPS: readonly BackupView[] = [{ name: 'ledger-2026-11-23.db', at: NOW - hours(30) }, { name: 'ledger-2026-11-24.db', at: NOW - hours(6) }]
const ASIDE: readonly AsideView[] = [{ destination: 'central', seq: 214, at: NOW - hours(2), kind: 'wave.stopped', fault: { code: 'sync.refused', context: {} } }]
const LED: readonly FactView[] = ['backup.now', 'sync.test', 'account.add'].map((act, i) => ({ seq: 300 - i, at: NOW - minutes(30 + i), kind: 'act.led', unit: null, job: null, body: { kind: 'act.led', act, lead: i === 0 ? HOSTILE : 'Wang Fang', role: 'lead' } }))
const STATUS: Pick<StatusView, 'station' | 'version' | 'mode' | 'isRunning' | 'clock' | 'sync'> = { station: 'Bench 1', version: '0.1.0', mode: 'live', isRunning: true, clock: { now: NOW, rate: 1 }, sync: SYNC }

/** By the name of their query or command. */
export const KEPT: Readonly<Record<string, unknown>> = {
  'printer.view': PRINTER, 'printer.test': PRINTER, 'printer.sample': PAPER('label-sample'), 'cards.paper': PAPER('cards-badges'), 'certificate.paper': PAPER('certificate-1'), 'label.paper': PAPER('label-1'),
  'picklist.paper': PAPER('picklist-2026-11-24'), 'handover.paper': PAPER('handover-2026-11-24'), 'label.print': BENCH.busy.units[0], 'label.void': BENCH.busy.units[0],
  'backup.list': BACKUPS, 'backup.now': { name: 'ledger-2026-11-25.db', at: NOW }, 'status': STATUS, 'sync.aside': ASIDE, 'sync.test': SYNC[0], 'sync.replay': SYNC[0], 'act.led': LED
}
