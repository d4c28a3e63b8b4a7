/** The headless host: the station behind a page on this computer. Prints where to open it, closes cleanly when asked to stop. */
import { join } from 'node:path'
import { serveHttp } from './hosts/http.ts'
import { Pages } from './hosts/static.ts'
import { LinuxScreens } from './live/screens.ts'
import { openStation, readVersion, type OpenStation } from './opening.ts'
import { HELP, parseOptions } from './options.ts'
import { inWords } from './words-of-faults.ts'

/** Ends the process by itself: 0 after a clean stop, 1 when the station could not start or could not close. */
export async function serve(words: readonly string[], mainDir: string): Promise<void> {
  try {
    const options = parseOptions(words, process.env)
    if (options.isHelp) {
      process.stdout.write(`${HELP}\n`)
      return
    }
    const station = await openStation(options, { screens: new LinuxScreens(), version: readVersion(mainDir), env: process.env })
    await serveUntilStopped(station, options.port, join(mainDir, '..', 'renderer'))
    process.exit(0)
  } catch (thrown) {
    process.stderr.write(`${inWords(thrown)}\n`)
    process.exit(1)
  }
}

async function serveUntilStopped(station: OpenStation, port: number, pagesDir: string): Promise<void> {
  await using _station = station
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  process.once('SIGINT', () => resolve())
  process.once('SIGTERM', () => resolve())
  guardProcess(station, reject)
  await using host = await serveHttp(station.gate, station.entropy, { pages: new Pages(pagesDir), port })
  process.stdout.write(`OPEN     ${host.consoleUrl}\nDISPLAY  ${host.displayUrl}\n`)
  process.send?.('station-ready')
  await promise
}

/** A forgotten rejection stops nobody else's unit; an exception out of nowhere ends the process, after closing the ledger. */
function guardProcess(station: OpenStation, stop: (thrown: unknown) => void): void {
  process.on('unhandledRejection', thrown => station.log.error('unhandled rejection', { text: textOf(thrown) }))
  process.on('uncaughtException', thrown => {
    station.log.error('uncaught exception', { text: textOf(thrown) })
    stop(thrown)
  })
}

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)).slice(0, 2000)
