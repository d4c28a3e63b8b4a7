/** The npm package `dhcp` as a server, in a network namespace: a peer for figures, and a rogue. Its errors are swallowed, or it dies of them. */
import dhcp from 'dhcp'

const [address = '10.77.0.1', netmask = '255.255.240.0', first = '10.77.1.0', last = '10.77.12.255', broadcast = '10.77.15.255'] = process.argv.slice(2)
const server = dhcp.createServer({ range: [first, last], randomIP: false, netmask, router: [address], dns: [address], server: address, broadcast, leaseTime: 600 })
server.on('error', () => undefined)
server.listen()
