/** Signed certificates of units that do not exist. */
import { DOES_NOT_PROVE, GRADES, signCertificate, type CertificateDraft } from '../../src/main/wire/certificate.ts'
import { StationKey } from '../../src/main/wire/signing.ts'

export const KEY = new StationKey(new Uint8Array(32).fill(3))

export function signed(change: Partial<CertificateDraft> = {}): string {
  return signCertificate({
    kind: 'unbindery.certificate', v: 1, id: '0190a1b2-c3d4-7abc-8def-0123456789ab', mode: 'live', unit: { uid: 'u1', names: [{ kind: 'tag', value: 'RB-0001' }, { kind: 'mac', value: '02:1e:00:00:00:01' }], product: 'gw3wired00000001', productName: 'Gateway G3' },
    result: { outcome: 'proven', grade: 'A', provenAt: '2026-11-24T09:41:07.000Z', means: GRADES.A }, method: 'wired', evidence: [{ kind: 'cloud-released', at: '2026-11-24T09:41:07.000Z', tid: 'tid0001' }],
    times: { met: '2026-11-24T09:30:00.000Z', opened: '2026-11-24T09:31:00.000Z', asked: '2026-11-24T09:39:00.000Z', closed: '2026-11-24T09:41:08.000Z', issued: '2026-11-24T09:45:00.000Z' },
    attempts: 1, stays: 1, operator: 'Chen Li 陈丽', account: '0123456789abcdef', station: { id: 's1', software: 'unbindery 0.1.0', key: KEY.publicHex }, log: { seq: 4711, chain: 'ab'.repeat(32) }, doesNotProve: DOES_NOT_PROVE, ...change
  }, bytes => KEY.sign(bytes))
}
