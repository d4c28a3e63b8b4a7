/** The Wi-Fi test before a wave: a join within a minute, nobody, a cable that does not count; and what the plan says afterwards. */
import { describe, expect, it } from 'vitest'
import { seconds } from '#shared'
import type { LeaseEvent } from '../../src/main/bench/dhcp-server.ts'
import { Secret } from '../../src/main/bench/log.ts'
import { Networks } from '../../src/main/bench/networks.ts'
import { Scope } from '../../src/main/bench/scope.ts'
import { WifiTest } from '../../src/main/bench/wifi-test.ts'
import { VirtualProc } from '../../src/main/virtual/proc.ts'
import { faultOf, LedgerBench, mac } from '../helpers/ledger.ts'

class Bench extends LedgerBench implements AsyncDisposable {
  readonly scope = new Scope('test')
  readonly networks = new Networks(this.ledger, { networks: ['A', 'B'].map(ssid => ({ ssid, password: new Secret('') })), rotate: 'never', command: '' })
  readonly #ears = new Set<(e: LeaseEvent) => void>()
  readonly test = new WifiTest({
    clock: this.clock, ledger: this.ledger, networks: this.networks, proc: new VirtualProc(), onLease: fn => {
      this.#ears.add(fn)
      return { [Symbol.dispose]: () => { this.#ears.delete(fn) } }
    }
  }, this.log, this.scope)

  lease(address: string, kind: LeaseEvent['kind'] = 'bound'): void {
    for (const ear of this.#ears) ear({ kind, mac: address, ip: '10.77.0.50', clientId: null, hostName: null, vendorClass: null, requestList: [], at: this.clock.now() })
  }
  get listening(): number { return this.#ears.size }
  said(ssid: string) { return this.networks.view(this.clock.now()).find(w => w.ssid === ssid)?.test ?? null }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.run(this.scope.close())
    this[Symbol.dispose]()
  }
}
const PHONE = '02:77:00:00:00:01'

describe('the Wi-Fi test', () => {
  it('says who joined, and when; it is there after a restart', async () => {
    await using bench = new Bench()
    expect(bench.said('A')).toBeNull()
    bench.test.begin('A')
    await bench.clock.advance(seconds(20))
    expect(bench.said('A')).toHaveProperty('until')
    bench.lease(PHONE)
    const at = bench.clock.now()
    await bench.clock.advance(seconds(1))
    expect([bench.said('A'), bench.said('B'), bench.listening]).toEqual([{ at, mac: PHONE }, null, 0])
    const again = new Networks(bench.ledger, { networks: [{ ssid: 'A', password: new Secret('') }], rotate: 'never', command: '' })
    expect(again.view(bench.clock.now())[0]?.test).toEqual({ at, mac: PHONE })
  })

  it('ends after a minute in which nobody joined; a unit on a cable and a renewal are no joins', async () => {
    await using bench = new Bench()
    bench.meet('u1', { aliases: [mac(1)] })
    bench.test.begin(undefined)
    await bench.clock.advance(seconds(5))
    bench.lease(mac(1).value)
    bench.lease(PHONE, 'renewed')
    await bench.clock.advance(seconds(54))
    expect(bench.said('A')).toHaveProperty('until')
    await bench.clock.advance(seconds(2))
    expect(bench.said('A')).toMatchObject({ mac: null })
  })

  it('is one at a time, of a network there is', async () => {
    await using bench = new Bench()
    bench.test.begin('A')
    expect(faultOf(() => bench.test.begin('B'))?.code).toBe('wifi.testing')
    expect(faultOf(() => bench.test.begin('C'))?.code).toBe('wifi.wrong')
    await bench.clock.advance(seconds(61))
    expect(bench.test.begin('B').find(w => w.ssid === 'B')?.test).toHaveProperty('until')
  })
})
