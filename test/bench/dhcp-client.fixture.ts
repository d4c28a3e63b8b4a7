/** The npm package `dhcp` as a client, in a network namespace: it asks every second. Its own errors are its own. */
import dhcp from 'dhcp'

const [mac = ''] = process.argv.slice(2)
const client = dhcp.createClient({ mac })
client.on('error', () => undefined)
process.on('uncaughtException', () => undefined)
client.listen(68, '0.0.0.0', () => {
  client.sendDiscover()
  setInterval(() => { client.sendDiscover() }, 1000)
})
