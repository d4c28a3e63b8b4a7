import { it } from 'vitest'
import { hours, minutes } from '#shared'
import { openSchool } from '../helpers/school.ts'
it('x', async () => {
  await using s = await openSchool({ units: 2 })
  await s.bench.ask('training.demo', { isOn: true })
  await s.bench.sleep(hours(1))
  s.school.demo(false)
  await s.bench.ask('scan', { text: 'OP:7' })
  await s.bench.ask('training.exercise', { exercise: 'no-power' })
  await s.bench.sleep(minutes(10))
  console.log(JSON.stringify((await s.view()).running), JSON.stringify((await s.bench.ask('bench.view', {})).units.map(u => [u.name, u.lane, u.stage, u.prompt, u.hold, u.heardAt, u.fault])))
  console.log(JSON.stringify(s.bench.lines.slice(-5)))
}, 100000)
