/** The reader thread: answers long questions about ledger files, makes checked copies of them, moves the log of the station's ledger into its file, and never writes a word of its own to it. In a second one papers are laid out and pictures are read. */
import { parentPort } from 'node:worker_threads'
import type { CheckpointQuestion } from './bench/checkpoints.ts'
import { Ledger } from './bench/ledger.ts'
import { Log } from './bench/log.ts'
import type { PaperQuestion } from './bench/paper/press.ts'
import type { PictureQuestion } from './bench/pictures.ts'
import { answerReading, type Question } from './bench/reading.ts'
import { readDecoder } from './decoder.ts'
import { Fault } from './domain/fault.ts'
import { readFont } from './font.ts'
import { LiveClock, LiveEntropy } from './live/clock.ts'
import type { ThreadAnswer, ThreadRequest } from './live/reader-thread.ts'
import { copyLedger, LiveSql, LogMover } from './live/sqlite.ts'
import { FileVault } from './vault.ts'

const FILES_MAX = 4
const open = new Map<string, Ledger>()
let mover: { readonly path: string; readonly log: LogMover } | null = null

function ledgerAt(path: string): Ledger {
  const known = open.get(path)
  if (known) return known
  const [oldest] = open.keys()
  if (open.size >= FILES_MAX && oldest !== undefined) {
    open.get(oldest)?.db[Symbol.dispose]()
    open.delete(oldest)
  }
  const clock = new LiveClock()
  const ledger = new Ledger(new LiveSql().open(path, { readonly: true }), { clock, entropy: new LiveEntropy() }, new Log(() => undefined, () => clock.now()), true)
  open.set(path, ledger)
  return ledger
}

/** Its connection stays open: the last one to close would take the log away. */
function moveLog(path: string): void {
  mover ??= { path, log: new LogMover(path) }
  if (mover.path !== path) {
    mover.log[Symbol.dispose]()
    mover = { path, log: new LogMover(path) }
  }
  mover.log.move()
}

async function answer(request: ThreadRequest): Promise<unknown> {
  if ('copyTo' in request) return await copyLedger(request.path, request.copyTo)
  const question = request.question as Question | PaperQuestion | PictureQuestion | CheckpointQuestion // made by bench/reading.ts, bench/checkpoints.ts, bench/paper/press.ts or bench/pictures.ts on the other side
  if (question.kind === 'checkpoint') return moveLog(request.path)
  if (question.kind === 'paper') return await (await import('./bench/paper/print.ts')).printPaper(question.draft, readFont())
  if (question.kind === 'picture') return await (await import('./bench/picture-codes.ts')).readCodes(question.picture, readDecoder())
  using vault = new FileVault(request.path)
  return answerReading(ledgerAt(request.path), question, vault)
}

parentPort?.on('message', (request: ThreadRequest) => {
  void answer(request).then(
    (value): ThreadAnswer => ({ id: request.id, value }),
    (thrown: unknown): ThreadAnswer => {
      const { code, context } = Fault.from(thrown)
      return { id: request.id, code, context }
    }
  ).then(said => parentPort?.postMessage(said))
})
