/** Results of the cloud that name no unit we know wait until somebody links or dismisses them with a reason. */
import { expect, it } from 'vitest'
import { unmatchedText } from '../../src/main/cloud-verbs.ts'
import { findViolations } from '../helpers/checkers.ts'
import { openBench, type TestBench } from '../helpers/station.ts'

const CAMERA = 'cam2qr0000000001'

/** A wave of two scanned cameras, of which one label says nothing that the cloud would know; then that one reads the code. */
async function unknownReader(bench: TestBench): Promise<void> {
  await bench.sleep(3000)
  for (const tag of ['CAM-A', 'CAM-B']) await bench.ask('scan', { text: `${tag};PID:${CAMERA}` })
  await bench.ask('wave.start', {})
  await bench.sleep(5000)
  const { code } = await bench.ask('display.view', {})
  const token = String((JSON.parse(code ?? '{}') as { t?: string }).t) // what a camera reads
  bench.world.cloud.register({ uuid: 'unheard-of', mac: '02:1e:00:00:88:01', productKey: CAMERA })
  await bench.run(bench.world.cloud.handle({ method: 'POST', path: '/device/activate', headers: {}, body: new TextEncoder().encode(JSON.stringify({ uuid: 'unheard-of', mac: '02:1e:00:00:88:01', productKey: CAMERA, token })) }))
  await bench.sleep(10_000)
}

it('a linked result is the cloud\'s record of that unit: it is proven, and the queue is empty', async () => {
  await using bench = await openBench({ seed: 7 })
  await unknownReader(bench)
  const [result, ...more] = await bench.ask('unmatched.list', {})
  expect(more).toEqual([])
  expect(result).toMatchObject({ ok: true, uuid: 'unheard-of', account: 'house', code: null })
  expect(result?.tid).not.toBe('')
  const [unit] = await bench.ask('units.find', { text: 'CAM-A' })
  expect(await bench.ask('unmatched.link', { result: result?.result ?? 0, unit: unit?.uid ?? '' })).toEqual([])
  await bench.sleep(400_000)
  expect((await bench.ask('units.find', { text: 'CAM-A' }))[0]).toMatchObject({ outcome: 'proven' })
  expect((await bench.ask('units.find', { text: 'CAM-B' }))[0]?.outcome).not.toBe('proven')
  expect(await bench.ask('unmatched.list', {})).toEqual([])
  expect(findViolations(bench)).toEqual([])
})

it('a dismissed result does not come back when the station starts again and reads the same list', async () => {
  await using bench = await openBench({ seed: 7 })
  await unknownReader(bench)
  const [wave] = bench.ledger.openWaves()
  await bench.ask('wave.stop', { wave: wave?.uid ?? '' })
  await bench.sleep(400_000)
  expect(bench.ledger.openJobs()).toEqual([])
  const [result] = await bench.ask('unmatched.list', {})
  await bench.ask('unmatched.dismiss', { result: result?.result ?? 0, reason: 'a visitor\'s camera' })
  await bench.run(bench.station.close())
  await bench.open()
  await bench.sleep(60_000)
  expect(await bench.ask('unmatched.list', {})).toEqual([])
})

it('a result can only be linked to a unit that was asked with the same token', async () => {
  await using bench = await openBench({ seed: 7 })
  await unknownReader(bench)
  const [result] = await bench.ask('unmatched.list', {})
  await bench.ask('scan', { text: `LATER;PID:${CAMERA}` })
  const [later] = await bench.ask('units.find', { text: 'LATER' })
  await expect(bench.ask('unmatched.link', { result: result?.result ?? 0, unit: later?.uid ?? '' })).rejects.toMatchObject({ code: 'result.other-token' })
  await expect(bench.ask('unmatched.link', { result: 999_999, unit: later?.uid ?? '' })).rejects.toMatchObject({ code: 'result.none' })
  expect(await bench.ask('unmatched.list', {})).toHaveLength(1)
})

it('a dismissed one keeps its reason in the history, and a list for the terminal says nothing that steers it', async () => {
  await using bench = await openBench({ seed: 7 })
  await unknownReader(bench)
  const list = await bench.ask('unmatched.list', {})
  const result = list[0]?.result ?? 0
  expect(unmatchedText(list)).toContain('unheard-of')
  expect(unmatchedText([{ result: 1, at: 0, account: null, ok: false, deviceId: '\u001b[2J', uuid: null, code: '1106', tid: 't' }])).not.toContain('\u001b')
  expect(await bench.ask('unmatched.dismiss', { result, reason: 'a visitor\'s camera' })).toEqual([])
  await expect(bench.ask('unmatched.dismiss', { result, reason: 'again' })).rejects.toMatchObject({ code: 'result.none' })
  expect(bench.ledger.factsAfter(0, 10_000).filter(f => f.body.kind === 'result.dismissed').map(f => f.body)).toEqual([{ kind: 'result.dismissed', result, reason: 'a visitor\'s camera' }])
  expect(findViolations(bench)).toEqual([])
})
