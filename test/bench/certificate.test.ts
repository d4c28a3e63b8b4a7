/** Release certificates: who gets one, what it says, and that two checkers written apart agree on every altered one. */
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Mode, UnitId } from '#shared'
import { Certifier } from '../../src/main/bench/certifier.ts'
import type { FactBody } from '../../src/main/domain/fact.ts'
import { assessCertificate, type CertificateState, type TrustedKey } from '../../src/main/wire/certificate.ts'
import { StationKey } from '../../src/main/wire/signing.ts'
import { faultOf, GATEWAY, LedgerBench, mac, tokenId } from '../helpers/ledger.ts'

const key = new StationKey(new Uint8Array(32).fill(1))
/** `npm run soak -- certificate` makes 10,000. */
const CHANGES = Number(process.env['CERTIFICATE_CHANGES'] ?? 2000)
const KEYS: readonly TrustedKey[] = [{ key: key.publicHex }]

function certifier(bench: LedgerBench, mode: Mode = 'live'): Certifier {
  return new Certifier(bench.clock, bench.ledger, { station: 's1', mode, version: '0.1.0', publicHex: key.publicHex, sign: bytes => key.sign(bytes), nameOf: () => 'Gateway 3' })
}

/** A unit with its proof; `last` is what happened to it after that, or in place of it. */
function proven(bench: LedgerBench, o: { readonly verdict?: FactBody; readonly isScanned?: boolean; readonly after?: FactBody } = {}): UnitId {
  const unit = bench.meet('u1', { aliases: o.isScanned === false ? [mac(1)] : [mac(1), { kind: 'tag', value: 'RB-0001' }, { kind: 'uuid', value: 'uuid1' }] })
  const job = bench.openJob('j1', unit)
  const at = bench.clock.now()
  bench.tell(unit, job, { kind: 'job.moved', to: 'ready' }, { kind: 'seat.spent', account: 'house', product: GATEWAY }, { kind: 'unbind.asked', token: tokenId('t1') },
    { kind: 'unit.seen', evidence: { kind: 'cloud-released', at, tid: 'tid1', deviceId: 'd2' } },
    o.verdict ?? { kind: 'job.closed', outcome: 'proven', grade: 'A', fault: null, provenAt: at })
  if (o.after) bench.ledger.append({ unit, body: o.after })
  return unit
}

/** The page's own code, without its page. */
const page = (): ((text: string, keys: readonly { key: string; until: number }[]) => Promise<{ state: CertificateState }>) => {
  const script = /<script>([\s\S]*)<\/script>/.exec(readFileSync(new URL('../../resources/verify.html', import.meta.url), 'utf8'))?.[1] ?? ''
  const context = createContext({ crypto, TextEncoder, atob, btoa, Uint8Array })
  runInContext(script, context)
  return context['assess'] as ReturnType<typeof page> // what the page defines
}
const assess = page()
async function states(text: string, keys: readonly TrustedKey[] = KEYS): Promise<[CertificateState, CertificateState]> {
  return [assessCertificate(text, keys), (await assess(text, keys.map(k => ({ key: k.key, until: k.until ?? Infinity })))).state]
}

describe('a certificate', () => {
  it('says what was proven, by whom, where it stands in history, and what it does not prove; no secret, no account, no address', () => {
    using bench = new LedgerBench()
    bench.ledger.append({ body: { kind: 'operator.signed', operator: '1001' } })
    const unit = proven(bench, { after: { kind: 'unit.leased', ip: '10.77.0.20', hostName: 'gw', fingerprint: null } })
    const { id, text } = certifier(bench).make(unit)
    const said = JSON.parse(text) as Record<string, unknown> // our own
    const closed = bench.ledger.factsAfter(0, 100).find(f => f.body.kind === 'job.closed')
    expect(said).toMatchObject({
      kind: 'unbindery.certificate', v: 1, id, mode: 'live', result: { outcome: 'proven', grade: 'A' }, operator: '1001', attempts: 1, stays: 1, method: 'wired', station: { id: 's1', key: key.publicHex },
      evidence: [{ kind: 'cloud-released', tid: 'tid1' }], log: { seq: closed?.seq, chain: expect.stringMatching(/^[0-9a-f]{64}$/) as string }
    })
    expect(JSON.stringify(said['doesNotProve'])).toContain('data was erased')
    expect(text).not.toMatch(/house|10\.77|TRAINING/)
    expect(bench.ledger.factsAfter(0, 100).at(-1)?.body).toMatchObject({ kind: 'certificate.made', id })
  })

  it.each<[string, Parameters<typeof proven>[1], string]>([
    ['asked, but without proof', { verdict: { kind: 'job.closed', outcome: 'unproven', grade: null, fault: null, provenAt: null } }, 'not proven: unproven'],
    ['refused', { verdict: { kind: 'job.closed', outcome: 'refused', grade: null, fault: null, provenAt: null } }, 'not proven: refused'],
    ['still open', { verdict: { kind: 'job.moved', to: 'proving' } }, 'no verdict yet'],
    ['only stated by a person', { verdict: { kind: 'job.closed', outcome: 'proven', grade: 'C', fault: null, provenAt: 1 } }, 'not proven: proven'],
    ['on hold', { after: { kind: 'unit.held', hold: { owner: 'lead', reason: 'customer', at: 1 } } }, 'on hold: customer'],
    ['bound to our own account', { after: { kind: 'unit.bound', account: 'house', deviceId: 'd3' } }, 'bound to our own account'],
    ['a box nobody has scanned', { isScanned: false }, 'nobody knows which box it is']
  ])('is never made for a unit that is %s', (_what, options, why) => {
    using bench = new LedgerBench()
    const unit = proven(bench, options)
    expect(faultOf(() => certifier(bench).make(unit))).toMatchObject({ code: 'certificate.refused', context: { why } })
    expect(bench.kinds()).not.toContain('certificate.made')
  })

  it('of a training bench says so inside', async () => {
    using bench = new LedgerBench()
    const { text } = certifier(bench, 'training').make(proven(bench))
    expect(JSON.parse(text)).toMatchObject({ mode: 'training', notice: 'TRAINING: this unit does not exist' })
    expect(await states(text.replace('"notice":"TRAINING: this unit does not exist",', ''))).toEqual(['altered', 'altered'])
  })
})

describe('checking', () => {
  it('knows four states, in the program and on the page', async () => {
    using bench = new LedgerBench()
    const { text } = certifier(bench).make(proven(bench))
    const issued = bench.clock.now()
    expect(await states(text)).toEqual(['valid', 'valid'])
    expect(await states(`${text}\n`)).toEqual(['valid', 'valid'])
    expect(await states(text, [])).toEqual(['unknown key', 'unknown key'])
    expect(await states(text, [{ key: 'ab'.repeat(32) }])).toEqual(['unknown key', 'unknown key'])
    expect(await states(text, [{ key: key.publicHex, until: issued - 1 }])).toEqual(['unknown key', 'unknown key'])
    expect(assessCertificate(text, [{ key: key.publicHex, revokedAt: issued - 1 }])).toBe('unknown key')
    expect(assessCertificate(text, [{ key: key.publicHex, station: 's2' }])).toBe('unknown key')
    const { signature: _gone, ...bare } = JSON.parse(text) as { signature: string } // our own
    for (const odd of [JSON.stringify(bare), JSON.stringify({ ...bare, signature: '' }), '', '{', '[]', 'null', '{"kind":"other","signature":"x"}']) expect(await states(odd), odd).toEqual(['unsigned', 'unsigned'])
    expect(await states(text.replace('{', '{ '))).toEqual(['altered', 'altered'])
    expect(await states(text.replace('"v":1', '"v":1,"v":1'))).toEqual(['altered', 'altered'])
  })

  it(`finds every one-bit change: ${CHANGES} of them, none accepted by either`, async () => {
    using bench = new LedgerBench()
    const { text } = certifier(bench).make(proven(bench))
    const bytes = Buffer.from(text)
    const accepted: number[] = []
    for (let n = 0; n < CHANGES; n += 1) {
      const bit = (n * 7919) % (bytes.length * 8)
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const [ours, theirs] = await states(changed.toString())
      if (ours === 'valid' || theirs === 'valid' || ours !== theirs) accepted.push(bit)
    }
    expect(accepted).toEqual([])
  }, 10_000 + CHANGES * 10)
})
