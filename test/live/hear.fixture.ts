// Runs inside a network namespace: opens one UDP socket on one card, tells what it hears, sends what stdin asks for.
import { createInterface } from 'node:readline'
import { LiveNet } from '../../src/main/live/net.ts'

const [card = '', port = '0', koffi = 'koffi'] = process.argv.slice(2)
const net = koffi === 'koffi' ? new LiveNet() : new LiveNet({ linux: null })
const socket = await net.udp({ card, port: Number(port), broadcast: true, allow: [{ address: '10.77.0.1', prefix: 24 }], isBusy: process.env['UB_BUSY'] !== undefined, isDeafToSelf: process.env['UB_BUSY'] !== undefined })
const say = (line: unknown): void => { process.stdout.write(`${JSON.stringify(line)}\n`) }
socket.on((bytes, from) => say({ heard: Buffer.from(bytes).toString(), from: from.address }))
say({ binding: socket.binding, port: socket.port, cards: net.interfaces() })
createInterface({ input: process.stdin }).on('line', line => {
  const [address = '', text = ''] = line.split(' ')
  if (address === 'cards') say({ cards: net.interfaces() })
  else if (address === 'counters') say({ counters: socket.counters })
  else socket.send(new TextEncoder().encode(text), { address, port: Number(port) })
}).on('close', () => process.exit(0))
