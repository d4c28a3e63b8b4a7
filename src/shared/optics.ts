/**
 * How far a pairing code can be read: the formula and the measured figures of facts/qr-display.md ("Formula"), for the
 * planner beside the wave, the warnings of long Wi-Fi names, and the test that the bench of the rack display agrees. Pure.
 */

/** What looks at the rack, and from where. `fovDegrees`: the lens, edge to edge, horizontally. */
export interface Optics { readonly panelInches: number; /** Who told the size of the panel; null: nobody yet. */ readonly panelBy?: 'setting' | 'display' | null; readonly distanceM: number; readonly cameraWidth: number; readonly fovDegrees: number }

/** The camera that matters: 640 x 360 behind a 100 degree lens (facts/qr-display.md, top). */
export const USUAL_CAMERA = { cameraWidth: 640, fovDegrees: 100 } as const
/** Modules of white above and below the code (policy point 3). */
const MARGINS = 4
/** Bytes that fit at level L in byte mode, version 1 first (ISO/IEC 18004, table 7). */
const BYTES_L = [17, 32, 53, 78, 106, 134, 154, 192, 230, 271] as const
/** Picture height of a 16:9 panel: 43 inch is 536 mm. */
const HEIGHT_PER_INCH = 25.4 * 9 / Math.hypot(16, 9)
/** Pixels a module at which half the frames are read, policy code, by the camera's width (table "p measured"). */
const PIXELS_HALF = [[640, 1.9], [1280, 2.5], [1920, 3.3]] as const
/** Nearly all frames are read when the module is this much larger. */
const NEARLY_ALL = 1.25
/** k of the formula: barrel distortion spreads the middle of a wide lens. */
const BARREL = [[60, 1], [85, 1.1], [100, 1.17]] as const
/** The sheet's token, region 2 + 8 + 4, and what the JSON round it takes (facts/tuya.md 3.2). */
const TOKEN_LENGTH = 14
/** One firmware reads by position and breaks on these inside a value; another on everything that is not ASCII (facts/tuya.md 3.1). */
const ODD = /["\\,:]|[^\x20-\x7e]/gu
/** Policy point 2: from version 5 on the Wi-Fi name and password are too long. */
export const VERSION_MAX = 4

/** null: more than any camera of this kind reads. */
export function versionOf(bytes: number): number | null {
  const i = BYTES_L.findIndex(max => bytes <= max)
  return i < 0 ? null : i + 1
}

/** `odd`: characters of the name that one firmware breaks on; of the password only that it has such. */
export interface Payload { readonly bytes: number; readonly version: number | null; readonly odd: readonly string[]; readonly isPasswordOdd: boolean }

/** What a network's name and password make of the code, before any token is there. */
export function payloadOf(ssid: string, password: string): Payload {
  const bytes = utf8Length(JSON.stringify({ p: password, s: ssid, t: 'x'.repeat(TOKEN_LENGTH) }))
  return { bytes, version: versionOf(bytes), odd: [...new Set(ssid.match(ODD) ?? [])], isPasswordOdd: password.search(ODD) >= 0 }
}

/** Metres at which `share` of the frames are read by the code of this version, filling the panel. */
export function reachM(o: Omit<Optics, 'distanceM'>, version: number, share: 'half' | 'nearly-all'): number {
  const module = moduleMm(o.panelInches, version)
  const focal = between(BARREL, o.fovDegrees) * o.cameraWidth / (2 * Math.tan(o.fovDegrees * Math.PI / 360))
  const pixels = between(PIXELS_HALF, o.cameraWidth) * (share === 'half' ? 1 : NEARLY_ALL)
  return focal * module / (1000 * pixels)
}

export function moduleMm(panelInches: number, version: number): number {
  return HEIGHT_PER_INCH * panelInches / (17 + 4 * version + MARGINS)
}

/** `will`: nearly all frames; `may`: some frames, so that most cameras of a wave come late. */
export interface Plan {
  readonly verdict: 'will' | 'may' | 'not'
  readonly reachM: number
  /** How much farther it would still read, as a share of the distance; below 0 it will not. */
  readonly margin: number
  /** One code must lie wholly in the picture of an aimed camera. */
  readonly nearestM: number
  /** What would make it `will`; absent: nothing needs to change, or this does not help. */
  readonly nearerM?: number
  readonly panelInches?: number
  readonly version?: number
  /** What a version past 4 costs, in metres of reach. */
  readonly costM: number
}

export function planRack(o: Optics, version: number): Plan {
  const reach = reachM(o, version, 'nearly-all')
  const isFar = o.distanceM > reach
  const shorter = [3, VERSION_MAX].find(v => v < version && reachM(o, v, 'nearly-all') >= o.distanceM)
  const verdict = !isFar ? 'will' : o.distanceM <= reachM(o, version, 'half') ? 'may' : 'not'
  return {
    verdict, reachM: reach, margin: reach / o.distanceM - 1, nearestM: moduleMm(o.panelInches, version) * (17 + 4 * version) / 1000,
    costM: Math.max(0, reachM(o, VERSION_MAX, 'nearly-all') - reach),
    ...(isFar ? { nearerM: Math.floor(reach * 10) / 10, panelInches: Math.ceil(o.panelInches * o.distanceM / reach) } : {}),
    ...(isFar && shorter !== undefined ? { version: shorter } : {})
  }
}

/** Policy point 8: a large panel with cameras close to it also shows four smaller codes in turn. */
export function needsTiles(o: Pick<Optics, 'panelInches' | 'distanceM'>): boolean {
  return o.panelInches >= 55 && o.distanceM < 0.8
}

function utf8Length(text: string): number {
  return Array.from(text).reduce((sum, c) => sum + (c < '\u0080' ? 1 : c < '\u0800' ? 2 : c.length === 2 ? 4 : 3), 0)
}

/** By the table: straight lines between its rows, and on beyond them. */
function between(rows: readonly (readonly [number, number])[], x: number): number {
  const [first = [0, 1], ...rest] = rows
  let [x0, y0] = first
  if (x <= x0) return y0
  let slope = 0
  for (const [x1, y1] of rest) {
    slope = (y1 - y0) / (x1 - x0)
    if (x <= x1) return y0 + slope * (x - x0)
    x0 = x1
    y0 = y1
  }
  return y0 + slope * (x - x0)
}
