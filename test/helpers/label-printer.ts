/** A label printer on the virtual bench: it keeps what it is sent, and says nothing about itself. */
import type { BytePipe } from '../../src/main/ports.ts'
import type { TestBench } from './station.ts'

const FOREVER = new AbortController().signal
/** For the setting `printer.address`. */
export const PRINTER = '10.77.0.250'

/** Every label sent to it so far, without its end. */
export async function plugPrinter(bench: TestBench): Promise<string[]> {
  const printed: string[] = []
  const net = bench.world.lan.card('printer', '02:57:00:00:00:99', [{ address: PRINTER, prefix: 24 }])
  const serve = async (pipe: BytePipe): Promise<void> => {
    let heard = ''
    for (let bytes = await pipe.read(FOREVER); bytes !== null; bytes = await pipe.read(FOREVER)) {
      heard += new TextDecoder().decode(bytes)
      const whole = heard.split('^XZ\n')
      heard = whole.pop() ?? ''
      printed.push(...whole)
    }
  }
  await net.listen({ card: 'printer', port: 9100, connectionsMax: 4 }, pipe => { void serve(pipe).catch(() => undefined) })
  return printed
}
