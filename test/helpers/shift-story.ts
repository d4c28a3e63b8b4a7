/** A whole shift, as it is told to everybody who learns the bench: from the badge in the morning to the badge in the evening. */
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAULTS, LANGUAGES } from '#shared'
import type { VirtualUnit } from '../../src/main/virtual/unit.ts'
import { CHROMIUM, launch } from './browser.ts'
import { NO_BROWSER } from './screens.ts'
import { openShift, type Shift, type ShiftOptions } from './shift.ts'
import { tabTo, type Way } from './ways.ts'

/** Unit 2 refuses, unit 3 is set aside, camera 17 is turned to the wall at first. */
const STORY = { units: 3, cameras: 30, faults: { 2: 'refuses' } } as const
const TURNED = 16
/** On a busy machine. */
const SHIFT_MS = 280_000
const BADGE = '1001'
/** What a screen calls a unit with a long label: the last five of it. */
const nameOf = (camera: VirtualUnit): string => camera.profile.label.slice(-5)

/** One test a language. */
export function testShift(name: string, options: Partial<ShiftOptions>, wayOf: (shift: Shift) => Way | Promise<Way>): void {
  describe.skipIf(CHROMIUM === null)(`a whole shift ${name}${NO_BROWSER}`, () => {
    let browser: Browser
    beforeAll(async () => { browser = await launch() })
    afterAll(() => browser.close())

    test.each(LANGUAGES)('badge, wired units, labels, a hold, a wave of thirty with one left over, hand-over, badge out: %s', async language => {
      await using shift = await openShift(browser, { ...STORY, ...options, language })
      await workShift(shift, await wayOf(shift))
    }, SHIFT_MS)
  })
}

async function workShift(shift: Shift, way: Way): Promise<void> {
  await way.code(`OP:${BADGE}`)
  await shift.see('.who', BADGE)
  await workLanes(shift, way)
  await workWave(shift, way)
  await handOver(shift, way)
  await way.act('LEAVE')
  await shift.see('.who', shift.say('operator.nobody'))
  if (way.name === 'scans') countTouches(shift)
}

/** What the shift has cost the operator's hands; the README's table says the same. */
function countTouches({ scans, wired, cameras, done }: Shift): void {
  const of = (unit: VirtualUnit | undefined): number => scans.filter(text => text === unit?.profile.label).length
  const labels = scans.filter(text => text.startsWith('LB:'))
  const commands = scans.filter(text => text.startsWith('CM:'))
  expect([of(wired[0]), labels.length]).toEqual([1, 2]) // a good unit: its own scan and that of its label; the refused one had its label too
  expect(cameras.map((camera, i) => of(camera) - (i === TURNED ? 1 : 0))).toEqual(Array(cameras.length).fill(1)) // the one left over was scanned once more
  expect(commands).toEqual(['CM:HOLD', 'CM:WAVE', 'CM:RED-BLINKS', 'CM:WAVE', 'CM:HANDOVER', 'CM:SIGN', 'CM:LEAVE'])
  expect(scans).toHaveLength(1 + of(wired[0]) + of(wired[1]) + of(wired[2]) + labels.length + cameras.length + 1 + commands.length) // the badge, and nothing that was not told above
  expect(done.filter(({ name }) => name !== 'scan').map(({ name }) => name)).toEqual(['handover.acknowledge', 'handover.acknowledge', 'handover.sign']) // two were on hold
}

/** One wired unit is set aside; two go to their last word, and their label onto the box. */
async function workLanes(shift: Shift, way: Way): Promise<void> {
  const { say } = shift
  const [good, bad, odd] = shift.wired
  if (!good || !bad || !odd) throw new Error('three units')
  await way.code(odd.profile.label)
  await shift.see('.now-scan', say('scan.is.new'), odd.profile.tag, say('prompt.plug-in'))
  await way.key('HOLD')
  await shift.see('.now-scan', odd.profile.tag, say('unit.on-hold'), say('prompt.set-aside'))
  for (const [i, unit] of [good, bad].entries()) {
    await way.code(unit.profile.label)
    await shift.see('.now-scan', say('scan.is.new'), unit.profile.tag, say('prompt.plug-in'))
    unit.plug()
    unit.powerOn()
    await shift.await('.tile-hands', `P0${i + 1}`, unit.profile.tag, say('prompt.press-reset'))
    unit.pressReset()
  }
  await shift.await('.tile-proven', good.profile.tag, say('outcome.proven'), say('prompt.take-out'))
  await shift.await('.tile-refused', bad.profile.tag, say('outcome.refused'), shift.words(FAULTS['unit.refused'].title))
  await shift.see('.now-proven, .trail .chip-proven', good.profile.tag, say('outcome.proven')) // the last two verdicts, whichever came last
  await shift.see('.now-refused, .trail .chip-refused', bad.profile.tag, say('outcome.refused'))
  await way.code(bad.profile.label)
  await shift.await('.tile-refused', bad.profile.tag, say('attempt.of', { n: 2, of: 2 }))
  for (const [i, unit] of [good, bad].entries()) {
    await way.code(await shift.labelOf(unit))
    await shift.see('.scan-chip-good', say('scan.became', { heard: say('scan.label'), note: say('scan.note.done') }))
    await shift.see('.tile-empty', `P0${i + 1}`, say('lane.empty'))
    unit.unplug()
    unit.powerOff()
  }
}

/** Thirty cameras on one code; the one that was turned away is asked about, and goes into a second wave. */
async function workWave(shift: Shift, way: Way): Promise<void> {
  const { say, cameras } = shift
  const turned = cameras[TURNED]
  if (!turned) throw new Error('thirty cameras')
  for (const camera of cameras) camera.powerOn()
  for (const camera of cameras) {
    await way.code(camera.profile.label)
    await shift.see('.now-scan', say('scan.is.new'), nameOf(camera), say('prompt.to-rack'))
  }
  await shift.booted(cameras)
  for (const camera of cameras) camera.pressReset()
  await shift.ready(cameras)
  await shift.see('.wave', say('wave.waiting', { n: cameras.length }))
  await way.act('WAVE')
  await showCode(shift, cameras.filter(c => c !== turned))
  await shift.await('.wave', say('wave.stop.quiet'))
  await shift.await('.wave-proven', '29')
  await shift.await('.wave-failed', '1') // results are waited for, then it is said
  await shift.see('.chip-unproven', nameOf(turned), say('outcome.unproven'))
  await askAbout(shift, way, turned)
  turned.pressReset()
  await shift.ready([turned])
  await again(shift, way)
  await showCode(shift, [turned])
  await shift.await('.wave-proven', '1')
  await shift.see('.now-proven', nameOf(turned))
}

async function showCode(shift: Shift, cameras: readonly VirtualUnit[]): Promise<void> {
  await shift.await('.wave-state-showing', shift.say('wave.state.showing'))
  const code = await shift.code()
  for (const camera of cameras) expect(camera.readCode(code), nameOf(camera)).toBe(true)
}

/** The lamp is a reason and an action, never proof. */
async function askAbout(shift: Shift, way: Way, camera: VirtualUnit): Promise<void> {
  const { say } = shift
  if (way.name === 'scans') {
    await way.code(camera.profile.label)
    await shift.see('.now-scan', nameOf(camera), say('outcome.unproven'))
  } else {
    await openTab(shift, way, say('tab.wave'))
    await shift.see('.cameras tr', nameOf(camera), say('outcome.unproven'))
  }
  await way.act('RED-BLINKS')
  if (way.name !== 'scans') await shift.see('.camera-why', say('light.red-blinking'))
  // A scan is answered after its last key: nothing on the page tells more than this does.
  await expect.poll(async () => (await shift.bench.ask('units.find', { text: camera.profile.mac }))[0]).toMatchObject({ outcome: 'unproven', light: 'red-blinking' })
}

/** By the card the camera just scanned; by hand all that are left, with one word. */
async function again(shift: Shift, way: Way): Promise<void> {
  if (way.name === 'scans') return way.act('WAVE')
  const button = shift.page.getByRole('button', { name: shift.say('wave.again', { n: 1 }) })
  await useButton(shift, way, button)
  await openTab(shift, way, shift.say('tab.bench'))
}

async function handOver(shift: Shift, way: Way): Promise<void> {
  const { say } = shift
  const [, refused, held] = shift.wired // refused twice, it was set aside by itself
  if (!refused || !held) throw new Error('three units')
  await way.key('HANDOVER')
  await shift.see('.second-supervisor caption', say('handover.holds'), say('handover.scan', { n: 2 }))
  for (const unit of [held, refused]) {
    await shift.see('.second-supervisor tr', unit.profile.tag)
    await way.code(unit.profile.label)
    await shift.see('.second-supervisor tr', unit.profile.tag, BADGE)
  }
  await shift.see('.second-supervisor caption', say('handover.all-seen'))
  await way.act('SIGN')
  await shift.see('.handover-sign', say('handover.last'), BADGE)
}

async function openTab(shift: Shift, way: Way, name: string): Promise<void> {
  await useButton(shift, way, shift.page.locator('.header').getByRole('button', { name, exact: true }))
}

async function useButton({ page }: Shift, way: Way, button: Locator): Promise<void> {
  if (way.name === 'touch') return button.tap()
  await tabTo(page, button)
  await page.keyboard.press('Enter')
}
