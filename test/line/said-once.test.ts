/** What the cloud says of a unit is written down when it is news, however often its list is read again. */
import { expect, it } from 'vitest'
import { minutes } from '#shared'
import { openFloor } from '../helpers/lan-floor.ts'

it('a proven unit left on the bench while others go on with its token has one release in its history', async () => {
  await using floor = await openFloor({ units: 4, settings: { 'lan.take': 'all' } })
  const [left, ...others] = [1, 2, 3, 4].map(n => floor.unit(n))
  if (left === undefined) throw new Error('no unit')
  await floor.ready(left)
  await floor.bench.sleep(minutes(2))
  for (const unit of others) {
    await floor.ready(unit)
    await floor.bench.sleep(minutes(2))
    unit.unplug()
  }
  await floor.bench.sleep(minutes(10))
  const { uid = '', outcome } = await floor.viewOf(left) ?? {}
  const said = floor.bench.ledger.factsAfter(0, 10_000).filter(f => f.unit === uid && f.body.kind === 'unit.seen' && f.body.evidence.kind === 'cloud-released')
  expect([outcome, said.length]).toEqual(['proven', 1])
})
