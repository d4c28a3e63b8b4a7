// At which distance half the frames are read, over the same poses for every picture.
import { chance, makePose, takeFrame } from './camera.mjs'

const STEP = 1.06

/** Poses on the axis, at one metre; the distance is put in later. */
export function makePoses(count, seed) {
  const luck = chance(seed)
  return Array.from({ length: count }, () => makePose(luck, { z: 1 }))
}

/** Share of frames read at this distance. */
async function shareAt(panel, poses, metres, decode, text) {
  const frames = poses.map((pose, i) => takeFrame(panel, { ...pose, z: metres }, i))
  const { read, strays } = await decode(frames, text)
  return { share: read.filter(Boolean).length / read.length, strays }
}

/** Walks away in steps of 6 percent from where most is read until little is, and reads the 50 percent point off the line. */
export async function halfDistance(panel, poses, decode, text, startM) {
  let strays = 0
  const at = async metres => {
    const found = await shareAt(panel, poses, metres, decode, text)
    strays += found.strays
    return found.share
  }
  let metres = startM
  let share = await at(metres)
  for (let i = 0; i < 8 && share < 0.6; i++) share = await at(metres /= STEP ** 2)
  let [lastM, last] = [metres, share]
  for (let i = 0; i < 24 && share >= 0.5; i++) {
    [lastM, last] = [metres, share]
    share = await at(metres *= STEP)
  }
  const half = last === share ? metres : lastM + (metres - lastM) * (last - 0.5) / (last - share)
  return { half, strays }
}

/** Share of the cameras that have read at least one of the pictures; who has read looks no more. */
export async function seenBy(panels, poses, decode, text) {
  const seen = new Set()
  for (const [n, panel] of panels.entries()) {
    const left = poses.map((_, i) => i).filter(i => !seen.has(i))
    if (left.length === 0) break
    const { read } = await decode(left.map(i => takeFrame(panel, poses[i], n)), text)
    for (const [j, i] of left.entries()) if (read[j]) seen.add(i)
  }
  return seen.size / poses.length
}
