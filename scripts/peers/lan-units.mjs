/** A crowd of announcing units for `npm run bench -- lan`: one process, an address of 127/8 each, told by its parent when to speak. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { encodeAnnouncement } from '../../src/main/wire/announcement.ts'
import { COMMAND, Decoder, encode55aa } from '../../src/main/wire/lan-frame.ts'

const EVERY_MS = 5000 // facts/tuya.md 4.2
const STATION = '127.0.0.1'

/** @typedef {{ n: number, ip: string }} Place */

/** @param {Place} place @param {boolean} isTaking */
function live({ n, ip }, isTaking) {
  const uuid = `uuidbench${String(n).padStart(11, '0')}`
  const json = { ip, gwId: uuid, uuid, active: 0, ability: 0, mode: 0, encrypt: true, productKey: 'gw3wired00000001', version: '3.3', token: true }
  const bytes = encodeAnnouncement({ json, version: '3.3', sequence: 0, nonce: new Uint8Array(12) })
  const answer = encodeAnnouncement({ json: { ...json, version: '3.5' }, version: '3.5', sequence: 0, nonce: new Uint8Array(12) })
  const voice = createSocket('udp4')
  const ear = createSocket({ type: 'udp4', reuseAddr: true })
  ear.on('message', () => ear.send(answer, 7000, STATION))
  ear.bind(7000, ip)
  let isFirst = true
  const say = () => voice.send(bytes, 6667, STATION, () => {
    if (isFirst) process.send?.({ first: n, at: Date.now() })
    isFirst = false
  })
  if (isTaking) {
    const server = createServer(socket => {
      const decoder = new Decoder({ hasReturnCode: false })
      socket.on('data', chunk => {
        if (decoder.push(chunk).some(f => f.command === COMMAND.TOKEN_BIND)) {
          process.send?.({ token: n, at: Date.now() })
          socket.write(encode55aa({ sequence: 1, command: COMMAND.TOKEN_BIND, returnCode: 0, payload: new Uint8Array(0) }))
        }
      })
      socket.on('error', () => undefined)
    })
    server.listen(6668, ip)
  }
  voice.bind(0, ip, () => {
    const start = isTaking ? 0 : EVERY_MS * Math.random()
    setTimeout(() => { say(); setInterval(say, EVERY_MS) }, start)
  })
}

/** @type {Place[]} */
let places = []
process.on('message', (/** @type {{ places?: Place[], isTaking: boolean, start?: boolean }} */ told) => {
  if (told.places) places = told.places
  if (told.start) for (const place of places) live(place, told.isTaking)
})
process.on('disconnect', () => process.exit(0))
