/** The label printer against plain TCP servers: good ones, silent ones, one without paper, one that hangs, one that hangs up, none at all. */
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { millis } from '#shared'
import { Log } from '../../src/main/bench/log.ts'
import { Printer, QUEUE_MAX, type PrintEnd, type PrinterTimes } from '../../src/main/bench/printer.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { LiveClock } from '../../src/main/live/clock.ts'
import { LiveNet } from '../../src/main/live/net.ts'
import { faultOf } from '../helpers/ledger.ts'

const STATUS = (change: { readonly paperOut?: boolean; readonly headOpen?: boolean } = {}): string =>
  `\x02030,${change.paperOut === true ? 1 : 0},0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,${change.headOpen === true ? 1 : 0},0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n`
const TIMES: PrinterTimes = { connectMs: millis(500), statusMs: millis(80), sendMs: millis(300), againMs: millis(60), lookMs: millis(10_000) }

/** A printer that is a TCP server: it answers `~HS` as it is told, and keeps the labels. */
class TcpPrinter implements AsyncDisposable {
  status: string | null = STATUS()
  readonly printed: string[] = []
  /** What happens to a connection before anything is read. */
  onCaller: (socket: Socket) => boolean = () => true
  readonly #server: Server
  readonly #open = new Set<Socket>()
  port = 0

  constructor() {
    this.#server = createServer(socket => {
      this.#open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#open.delete(socket))
      if (this.onCaller(socket)) this.#serve(socket)
    })
  }

  async open(port = 0): Promise<this> {
    await new Promise<void>(resolve => { this.#server.listen(port, '127.0.0.1', resolve) })
    const bound = this.#server.address()
    this.port = bound !== null && typeof bound === 'object' ? bound.port : 0
    return this
  }

  #serve(socket: Socket): void {
    let heard = ''
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('utf8')
      for (let cut = cutOf(heard); cut > 0; cut = cutOf(heard)) {
        const said = heard.slice(0, cut)
        heard = heard.slice(cut)
        if (said.includes('~HS')) { if (this.status !== null) socket.write(this.status) } else this.printed.push(said)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise(resolve => { this.#server.close(resolve) })
  }
}

const cutOf = (heard: string): number => {
  const ends = [heard.indexOf('~HS\n') + 4, heard.indexOf('^XZ\n') + 4].filter(end => end > 3)
  return ends.length === 0 ? 0 : Math.min(...ends)
}

interface Bench extends AsyncDisposable { readonly printer: Printer; readonly ends: PrintEnd[]; readonly scope: Scope }
function openPrinter(port: number | null, times: Partial<PrinterTimes> = {}): Bench {
  const clock = new LiveClock()
  const scope = new Scope('test')
  const printer = new Printer({ clock, net: new LiveNet() }, new Log(() => undefined, () => clock.now()), { to: port === null ? null : { address: '127.0.0.1', port }, card: 'lo', widthMm: 50, heightMm: 30, dpi: 203, times: { ...TIMES, ...times } })
  const ends: PrintEnd[] = []
  printer.on(end => { ends.push(end) })
  printer.start(scope)
  return { printer, ends, scope, [Symbol.asyncDispose]: () => scope.close() }
}
const label = (name: string) => ({ label: name, bytes: new TextEncoder().encode(`^XA\n^FD${name}^FS\n^XZ\n`) })
async function until(test: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !test(); i += 1) await pause(10)
  expect(test()).toBe(true)
}

describe('labels', () => {
  it('go out in order, each once, and the printer is looked at before each', async () => {
    await using tcp = await new TcpPrinter().open()
    await using bench = openPrinter(tcp.port)
    for (const name of ['A', 'B', 'C']) bench.printer.offer(label(name))
    await until(() => bench.ends.length === 3)
    await until(() => tcp.printed.length === 3)
    expect(tcp.printed.map(text => /\^FD(.)/.exec(text)?.[1])).toEqual(['A', 'B', 'C'])
    expect([bench.ends, bench.printer.view()]).toEqual([[{ label: 'A', fault: null }, { label: 'B', fault: null }, { label: 'C', fault: null }], { address: `127.0.0.1:${tcp.port}`, fault: null, waiting: 0, sent: 3, widthMm: 50, heightMm: 30, dpi: 203 }])
  })

  it('reach a printer that never answers a question about itself', async () => {
    await using tcp = await new TcpPrinter().open()
    tcp.status = null
    await using bench = openPrinter(tcp.port)
    bench.printer.offer(label('A'))
    await until(() => tcp.printed.length === 1)
    expect(bench.printer.view().fault).toBeNull()
  })

  it.each([['paper is out', STATUS({ paperOut: true }), 'printer.no-paper'], ['its lid is open', STATUS({ headOpen: true }), 'printer.not-ready']])('wait while %s, and print by themselves when that is mended', async (_what, status, code) => {
    await using tcp = await new TcpPrinter().open()
    tcp.status = status
    await using bench = openPrinter(tcp.port)
    bench.printer.offer(label('A'))
    await until(() => bench.printer.view().fault?.code === code)
    expect([tcp.printed, bench.printer.view().waiting]).toEqual([[], 1])
    tcp.status = STATUS()
    await until(() => tcp.printed.length === 1)
    await until(() => bench.printer.view().fault === null)
  })

  it('wait for a printer that has fallen silent after it had answered: out of paper, Zebra\'s say nothing', async () => {
    await using tcp = await new TcpPrinter().open()
    await using bench = openPrinter(tcp.port)
    bench.printer.offer(label('A'))
    await until(() => tcp.printed.length === 1)
    tcp.status = null
    bench.printer.offer(label('B'))
    await until(() => bench.printer.view().fault?.code === 'printer.not-ready')
    expect(tcp.printed).toHaveLength(1)
  })

  it('wait for a printer that is switched off, and nobody waits for it', async () => {
    const probe = await new TcpPrinter().open()
    const { port } = probe
    await probe[Symbol.asyncDispose]()
    await using bench = openPrinter(port)
    const before = performance.now()
    bench.printer.offer(label('A'))
    expect(performance.now() - before).toBeLessThan(5)
    await until(() => bench.printer.view().fault?.code === 'printer.unreachable')
    await using tcp = await new TcpPrinter().open(port)
    await until(() => tcp.printed.length === 1)
  })

  it('of which a printer that hangs took a part are told as unknown, and never sent again', async () => {
    await using tcp = await new TcpPrinter().open()
    tcp.onCaller = socket => {
      socket.once('data', () => { socket.write(STATUS(), () => socket.pause()) })
      return false
    }
    await using bench = openPrinter(tcp.port)
    bench.printer.offer({ label: 'A', bytes: new Uint8Array(32 * 1024 * 1024) }) // more than any socket buffer takes
    await until(() => bench.ends.length === 1)
    expect(bench.ends[0]).toMatchObject({ label: 'A', fault: { code: 'printer.stuck' } })
    tcp.onCaller = () => true
    bench.printer.offer(label('B'))
    await until(() => tcp.printed.length === 1)
    expect(tcp.printed[0]).toContain('^FDB')
  })

  it('survive a printer that hangs up on every call', async () => {
    await using tcp = await new TcpPrinter().open()
    tcp.onCaller = socket => {
      socket.destroy()
      return false
    }
    await using bench = openPrinter(tcp.port)
    bench.printer.offer(label('A'))
    await until(() => bench.printer.view().fault !== null)
    tcp.onCaller = () => true
    await until(() => bench.printer.view().fault === null)
  })

  it('beyond the limit are refused, and without a printer all are', async () => {
    await using bench = openPrinter(1, { connectMs: millis(50) })
    for (let i = 0; i < QUEUE_MAX; i += 1) bench.printer.offer(label(`L${i}`))
    expect(faultOf(() => bench.printer.offer(label('one too many')))).toMatchObject({ code: 'printer.queue-full' })
    await using none = openPrinter(null)
    expect(faultOf(() => none.printer.offer(label('A')))).toMatchObject({ code: 'printer.none' })
  })

  it('that still wait when the station stops are told as not printed', async () => {
    const bench = openPrinter(1, { connectMs: millis(50) })
    bench.printer.offer(label('A'))
    await bench.scope.close()
    expect(bench.ends).toEqual([{ label: 'A', fault: { code: 'station.stopped', context: {} } }])
  })
})
