/**
 * The first thousands of datagrams through a busy socket take many times as long as the next ones, and steal time from the answers
 * beside them. So when one is opened, some are sent round on the loopback, to nobody but ourselves.
 */
import { bindDatagram, LiveUdp, makeDatagram } from './udp.ts'
import type { LinuxSockets } from './socket-linux.ts'

const LOOPBACK = '127.0.0.1'
const DATAGRAMS = 3000
/** As a few clients at once; then the others have their turn. */
const AT_ONCE = 4
const ROUNDS_MAX = 3000
const BYTES = 300 // as a DHCP packet

/** How many came round; a machine that does not let us loses the rehearsal and nothing else. */
export async function rehearseBusy(linux: LinuxSockets): Promise<number> {
  await goRound(linux, 1) // what has never changed is taken for a constant, and all is forgotten when the first one closes
  return await goRound(linux, DATAGRAMS)
}

async function goRound(linux: LinuxSockets, datagrams: number): Promise<number> {
  const fd = linux.openUdp({ card: 'lo', port: 0, isBroadcast: false, receiveBytes: null })
  const socket = makeDatagram(undefined)
  const port = await bindDatagram(socket, { fd }, { card: 'lo', port: 0 })
  using busy = new LiveUdp([socket], socket, port, 'device', linux.burst(fd), [{ address: LOOPBACK, prefix: 8 }])
  socket.unref()
  const bytes = new Uint8Array(BYTES)
  let heard = 0
  busy.on(() => { heard += 1 })
  for (let round = 0; round < ROUNDS_MAX && heard < datagrams; round += 1) {
    for (let i = 0; i < AT_ONCE; i += 1) busy.send(bytes, { address: LOOPBACK, port })
    await new Promise<void>(resolve => { setImmediate(resolve) })
  }
  return heard
}
