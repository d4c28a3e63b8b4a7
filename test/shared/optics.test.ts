/** The planner against the measured figures of facts/qr-display.md. */
import { describe, expect, it } from 'vitest'
import { moduleMm, needsTiles, payloadOf, planRack, reachM, versionOf, type Optics } from '#shared'

const RACK: Optics = { panelInches: 43, distanceM: 1.2, cameraWidth: 640, fovDegrees: 100 }

describe('the payload', () => {
  it.each([
    ['RETURNS-BENCH', 'bench-2024!', 60, 4], // facts/tuya.md 3.2
    ['x'.repeat(32), 'y'.repeat(63), 131, 6],
    ['a"b\\c', 'é漢', 48, 3],
    ['', '', 36, 3]
  ])('of network %s is %i bytes, version %i', (ssid, password, bytes, version) => {
    expect(payloadOf(ssid, password)).toMatchObject({ bytes, version })
  })

  it('up to 17 characters of name and password are version 3, up to 42 version 4, more is version 5', () => {
    const versions = [17, 18, 42, 43].map(n => payloadOf('x'.repeat(8), 'y'.repeat(n - 8)).version)
    expect(versions).toEqual([3, 4, 4, 5])
  })

  it('past what any camera reads has no version', () => {
    expect(versionOf(272)).toBeNull()
  })

  it('names the characters of a name that firmware breaks on; of a password it says only that it has some', () => {
    expect(payloadOf('a,b:c"d\\e漢', 'plain')).toMatchObject({ odd: [',', ':', '"', '\\', '漢'], isPasswordOdd: false })
    expect(payloadOf('plain', 'se:cret')).toMatchObject({ odd: [], isPasswordOdd: true })
    expect(payloadOf('plain', 'se cret!')).toMatchObject({ odd: [], isPasswordOdd: false })
  })
})

describe('reach', () => {
  // Table "Headline", policy rows, zbar, 640x360 on axis; metres within the sheet's own 25 %.
  it.each([
    ['43 inch', 43, 4, 2.37], ['43 inch, short', 43, 3, 2.52], ['55 inch', 55, 4, 3.05], ['55 inch, short', 55, 3, 3.33]
  ])('of half the frames on %s agrees with the rig', (_, panelInches, version, metres) => {
    expect(Math.abs(reachM({ ...RACK, panelInches }, version, 'half') / metres - 1)).toBeLessThan(0.1)
  })

  it.each([[1280, 3.55], [1920, 4.1]])('with %i pixels agrees with the rig', (cameraWidth, metres) => {
    expect(Math.abs(reachM({ ...RACK, cameraWidth }, 4, 'half') / metres - 1)).toBeLessThan(0.1)
  })

  it('nearly all frames are read at 0.8 of it', () => {
    expect(reachM(RACK, 4, 'nearly-all') / reachM(RACK, 4, 'half')).toBeCloseTo(0.8, 5)
  })

  it('a module of a full screen is the height over the modules and the margins', () => {
    expect(moduleMm(43, 4)).toBeCloseTo(536 / 37, 1)
    expect(moduleMm(55, 4)).toBeCloseTo(685 / 37, 1)
  })
})

describe('the plan', () => {
  it('says by how much it will read', () => {
    const plan = planRack(RACK, 4)
    expect(plan).toMatchObject({ verdict: 'will', costM: 0 })
    expect(plan.margin).toBeGreaterThan(0.4)
    expect(plan).not.toHaveProperty('nearerM')
  })

  it('says what to change when it is too far: nearer, a larger panel, a shorter name where that is enough', () => {
    const plan = planRack({ ...RACK, distanceM: 1.95 }, 6)
    expect(plan).toMatchObject({ verdict: 'may', version: 3 })
    expect(planRack({ ...RACK, distanceM: plan.nearerM ?? 0 }, 6).verdict).toBe('will')
    expect(planRack({ ...RACK, distanceM: 1.95, panelInches: plan.panelInches ?? 0 }, 6).verdict).toBe('will')
    expect(planRack({ ...RACK, distanceM: 1.95 }, plan.version ?? 0).verdict).toBe('will')
    expect(planRack({ ...RACK, distanceM: 4 }, 4)).not.toHaveProperty('version')
  })

  it('between the two figures some cameras will read, late', () => {
    expect(planRack({ ...RACK, distanceM: 2.1 }, 4).verdict).toBe('may')
  })

  it('a version past 4 costs metres', () => {
    expect(planRack(RACK, 4).costM).toBe(0)
    expect(planRack(RACK, 6).costM).toBeCloseTo(0.34, 1)
  })

  it('near cameras before a large panel need the code four times', () => {
    expect([[55, 0.7], [55, 0.8], [43, 0.6], [65, 0.5]].map(([panelInches = 0, distanceM = 0]) => needsTiles({ panelInches, distanceM }))).toEqual([true, false, false, true])
  })
})
