// The virtual cloud of the kill proof as a process of its own: knows the units of a seed, runs on a clock shared by arithmetic.
import { createServer } from 'node:http'
import { LiveSql } from '../../src/main/live/sqlite.ts'
import { VirtualClock } from '../../src/main/virtual/clock.ts'
import { VirtualCloud, VIRTUAL_ACCOUNT } from '../../src/main/virtual/cloud.ts'
import { SeededEntropy } from '../../src/main/virtual/entropy.ts'
import { World } from '../../src/main/virtual/world.ts'

const { seed, units, pace, epoch } = JSON.parse(process.argv[2] ?? '{}') as { seed: number; units: number; pace: number; epoch: number } // written by the test
const clock = new VirtualClock({ pace, startAt: epoch + (Date.now() - epoch) * pace })
const cloud = new VirtualCloud({ clock, entropy: new SeededEntropy(seed + 1), accounts: [VIRTUAL_ACCOUNT], limits: { accountPerDay: 100_000, productPerDay: 100_000 } })
const world = new World({ seed, units, sql: new LiveSql() })
for (const { profile: { uuid, mac, productKey, serial, deviceId } } of world.units) if (deviceId !== null) cloud.register({ uuid, mac, productKey, serial, deviceId })

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const body = Buffer.concat(chunks)
    cloud.handle({ method: request.method ?? 'GET', path: request.url ?? '/', headers, body: body.length === 0 ? null : body }).then(
      answer => response.writeHead(answer.status, answer.headers).end(answer.body),
      () => request.socket.destroy()
    )
  })
  request.on('error', () => undefined) // the station was killed in the middle of it
})
server.on('clientError', (_error, socket) => socket.destroy())
server.listen(0, '127.0.0.1', () => {
  const bound = server.address()
  process.stdout.write(`${typeof bound === 'object' ? bound?.port : 0}\n`)
})
