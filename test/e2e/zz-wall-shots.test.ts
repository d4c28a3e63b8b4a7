import { test } from 'vitest'
import { BENCH } from '../helpers/fixtures.ts'
import { useScreens } from '../helpers/screens.ts'
import { SIZES } from '../helpers/browser.ts'
test('x', () => undefined)
const screens = useScreens()
for (const { width, height } of SIZES) for (const lang of ['en', 'zh']) test(`${width} ${lang}`, async () => {
  const door = screens.door()
  const bench = BENCH.leftovers
  const wifi = [{ ssid: 'RETURNS-BENCH', bytes: 60, version: 4, odd: [], isPasswordOdd: false, state: 'joined', isNext: true, joinedAt: bench.clock.now - 100_000, test: { at: bench.clock.now - 60_000, mac: '02:00:00:00:00:01' } }, { ssid: 'BACK:UP', bytes: 90, version: 5, odd: [':'], isPasswordOdd: true, state: 'failed', isNext: false, test: { until: bench.clock.now + 40_000 } }, { ssid: 'THIRD', bytes: 60, version: 4, odd: [], isPasswordOdd: false, state: 'untried', isNext: false, test: { at: bench.clock.now - 5000, mac: null } }] as const
  door.canned = { 'product.list': [{ product: 'cam2qr0000000001', name: { en: 'Camera C2', zh: '摄像机 C2' }, resetHoldSeconds: 6, resetWhen: 'running', lamps: { ready: 'red-blinking', reading: 'green-blinking', released: 'red-blinking', stuck: 'green-blinking' } }] }
  const extra = bench.units.slice(0, 2).map((u, i) => ({ ...u, uid: `x${i}` as typeof u.uid, name: `TAG-${i}`, aliases: [{ kind: 'tag', value: `TAG-${i}` }], outcome: null, wave: null, job: null, stage: null, sources: undefined }) as never)
  door.showBench({ ...bench, wifi, waiting: 2, units: [...bench.units, ...extra], optics: { panelInches: 43, panelBy: 'display', distanceM: 1.2, cameraWidth: 640, fovDegrees: 100 } } as never)
  const page = await screens.open({ width, height, search: `?lang=${lang}` })
  await page.getByRole('button', { name: lang === 'en' ? 'Wave' : '波次', exact: true }).click()
  await page.waitForTimeout(700)
  await screens.shot(page, `zz-wave-${width}-${lang}`)
})
