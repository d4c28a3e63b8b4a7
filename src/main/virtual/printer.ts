/**
 * A label printer on the virtual bench: takes ZPL over raw TCP and tells its state when asked, as Zebra's do. With the lid open it
 * says so and nothing is lost: what waits is printed once somebody has closed it.
 */
import type { BytePipe, Endpoint } from '../ports.ts'
import type { VirtualLan } from './lan.ts'

/** Outside the pool that is lent to units. */
export const PRINTER_AT: Endpoint = { address: '10.77.0.9', port: 9100 }
const MAC = '02:57:00:00:00:09'
const LABELS_MAX = 20
/** Of one label; more is thrown away. */
const LABEL_CHARS_MAX = 256 * 1024
const CONNECTIONS_MAX = 4
const ASKED = '~HS'

export class VirtualPrinter {
  /** Its lid, with a label crumpled under it. */
  isOpen = false
  readonly #labels: string[] = []
  #printed = 0

  /** The last few, as ZPL, oldest first. */
  get labels(): readonly string[] {
    return this.#labels
  }

  /** Since the start. */
  get printed(): number {
    return this.#printed
  }

  /** Plugs it in; it stays until the LAN is gone. */
  async plugInto(lan: VirtualLan): Promise<this> {
    const net = lan.card('printer0', MAC, [{ address: PRINTER_AT.address, prefix: 24 }])
    await net.listen({ card: 'printer0', port: PRINTER_AT.port, connectionsMax: CONNECTIONS_MAX }, pipe => { this.#serve(pipe).catch(() => undefined) }) // the line ended: so does its service
    return this
  }

  async #serve(pipe: BytePipe): Promise<void> {
    const never = new AbortController().signal // the pipe ends by itself when its other end does
    const text = new TextDecoder('latin1')
    let heard = ''
    for (let bytes = await pipe.read(never); bytes !== null; bytes = await pipe.read(never)) {
      heard = (heard + text.decode(bytes, { stream: true })).slice(-LABEL_CHARS_MAX)
      const isAsked = heard.includes(ASKED)
      heard = heard.replaceAll(ASKED, '')
      for (let end = heard.indexOf('^XZ'); end >= 0; end = heard.indexOf('^XZ')) {
        this.#print(heard.slice(0, end + 3).trim())
        heard = heard.slice(end + 3)
      }
      if (isAsked) await pipe.write(this.#status(), never)
    }
  }

  #print(label: string): void {
    this.#printed += 1
    this.#labels.push(label)
    if (this.#labels.length > LABELS_MAX) this.#labels.shift()
  }

  /** The three strings of a host status; the lid is the third field of the second. */
  #status(): Uint8Array {
    const lid = this.isOpen ? 1 : 0
    return new TextEncoder().encode(`\u0002030,0,0,1245,000,0,0,0,000,0,0,0\u0003\r\n\u0002000,0,${lid},0,0,2,4,0,00000000,1,000\u0003\r\n\u00021234,0\u0003\r\n`)
  }
}
