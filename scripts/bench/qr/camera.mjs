// A cheap camera before a panel, simulated: pinhole 640 x 360, lens blur, veil, mean-metering exposure with clipping, noise, gamma.
// Small on purpose. Its figures stand in camera.json and are frozen: they were chosen once, so that five named rows of
// facts/qr-display.md come out within 15 %; `npm run bench -- qr` prints those rows first. Before a panel there is glare, fixed for
// each camera as in the sheet's scene: from none to half of what makes the sheet's row of strong glare (`npm run bench -- qr --scene`).
import { readFileSync } from 'node:fs'

export const CAMERA = JSON.parse(readFileSync(new URL('./camera.json', import.meta.url), 'utf8'))

/** Numbers that look like chance and are the same each time (mulberry32). */
export function chance(seed) {
  let a = seed >>> 0
  const next = () => {
    a = a + 0x6d2b79f5 | 0
    let t = Math.imul(a ^ a >>> 15, 1 | a)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return ((t ^ t >>> 14) >>> 0) / 4294967296
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return { next, normal, between: (from, to) => from + (to - from) * next() }
}

/** Drawn from for every pixel; making each afresh would be most of the work. */
const NORMALS = (luck => Float32Array.from({ length: 1 << 15 }, () => luck.normal()))(chance(1))
const GAMMA = Uint8Array.from({ length: 8192 }, (_, i) => Math.round(255 * (i / 8191) ** (1 / CAMERA.gamma)))

/** A picture on a panel: linear light in cd/m2, and ever coarser copies of it. `pixels`: RGBA of the screen. */
export function makePanel(pixels, width, height, inches) {
  const widthMm = inches * 25.4 * width / Math.hypot(width, height)
  const table = Float32Array.from({ length: 256 }, (_, v) => CAMERA.panelCd * (v / 255) ** 2.2 + CAMERA.panelBlackCd)
  let level = { data: Float32Array.from({ length: width * height }, (_, i) => table[pixels[4 * i + 1]]), width, height }
  const levels = [level]
  while (level.width > 8 && level.height > 8) levels.push(level = halve(level))
  return { levels, width, height, mmPerPx: widthMm / width }
}

function halve({ data, width, height }) {
  const [w, h] = [width >> 1, height >> 1]
  const half = new Float32Array(w * h)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = 2 * y * width + 2 * x
      half[y * w + x] = (data[i] + data[i + 1] + data[i + width] + data[i + width + 1]) / 4
    }
  }
  return { data: half, width: w, height: h }
}

/** Where a camera stands: metres right, up and away from the middle of the panel, and how it is turned against looking at it. */
export function makePose(luck, o) {
  const pose = {
    x: o.x ?? 0, y: o.y ?? 0, z: o.z,
    pitch: luck.between(-CAMERA.pitchDegrees, CAMERA.pitchDegrees), roll: luck.normal() * CAMERA.rollDegrees,
    aimX: luck.normal() * CAMERA.aimDegrees, aimY: luck.normal() * CAMERA.aimDegrees, focus: 1 + luck.normal() * CAMERA.focusSpread, seed: Math.floor(luck.next() * 2 ** 31)
  }
  return { ...pose, glare: chance(pose.seed + 1).between(0, CAMERA.glareCd) } // cd/m2, all over the panel
}

/** One frame: 8-bit grey. */
export function takeFrame(panel, pose, frame) {
  const { width, height } = CAMERA
  const light = project(panel, pose)
  const metres = Math.hypot(pose.x, pose.y, pose.z)
  blur(light, width, height, pose.focus * (CAMERA.blurPx + CAMERA.defocusPx * Math.abs(1 / metres - 1 / CAMERA.focusM)))
  return develop(light, chance(pose.seed + frame * 7919))
}

/** Light on each pixel of the sensor, from `samples` x `samples` rays a pixel. */
function project(panel, pose) {
  const { width, height, samples } = CAMERA
  const focal = CAMERA.focalShare * width
  const map = rayToPanel(pose, panel, focal)
  const out = new Float32Array(width * height).fill(CAMERA.wallCd)
  const metres = Math.hypot(pose.x, pose.y, pose.z)
  const step = 1000 * metres / (focal * samples * panel.mmPerPx) // panel pixels a ray
  const level = Math.max(0, Math.min(panel.levels.length - 1, Math.floor(Math.log2(Math.max(1, step)))))
  const mip = panel.levels[level]
  const scale = 1 / 2 ** level
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let sum = 0
      let hits = 0
      for (let j = 0; j < samples; j++) {
        for (let i = 0; i < samples; i++) {
          const a = u + (i + 0.5) / samples - width / 2
          const b = v + (j + 0.5) / samples - height / 2
          const w = map[6] * a + map[7] * b + map[8]
          const px = (map[0] * a + map[1] * b + map[2]) / w
          const py = (map[3] * a + map[4] * b + map[5]) / w
          if (w > 0 && px >= 0 && py >= 0 && px < panel.width && py < panel.height) {
            sum += sample(mip, px * scale - 0.5, py * scale - 0.5)
            hits += 1
          }
        }
        if (j === 0 && hits === 0 && !isNear(map, u, v, panel)) break // nothing of the panel on this pixel
      }
      if (hits > 0) out[v * width + u] = (sum + hits * pose.glare + (samples * samples - hits) * CAMERA.wallCd) / (samples * samples)
    }
  }
  return out
}

function isNear(map, u, v, panel) {
  const a = u + 0.5 - CAMERA.width / 2
  const b = v + 0.5 - CAMERA.height / 2
  const w = map[6] * a + map[7] * b + map[8]
  const px = (map[0] * a + map[1] * b + map[2]) / w
  const py = (map[3] * a + map[4] * b + map[5]) / w
  return w > 0 && px > -40 && py > -40 && px < panel.width + 40 && py < panel.height + 40
}

function sample({ data, width, height }, x, y) {
  const x0 = Math.max(0, Math.min(width - 2, Math.floor(x)))
  const y0 = Math.max(0, Math.min(height - 2, Math.floor(y)))
  const fx = Math.max(0, Math.min(1, x - x0))
  const fy = Math.max(0, Math.min(1, y - y0))
  const i = y0 * width + x0
  return (data[i] * (1 - fx) + data[i + 1] * fx) * (1 - fy) + (data[i + width] * (1 - fx) + data[i + width + 1] * fx) * fy
}

/** Homography from a sensor position (from its middle, pixels) to a pixel of the panel; the third row is positive in front. */
function rayToPanel(pose, panel, focal) {
  const rad = Math.PI / 180
  const eye = [pose.x, pose.y, pose.z]
  const yaw = Math.atan2(-pose.x, pose.z) + pose.aimX * rad
  const tilt = Math.atan2(-pose.y, Math.hypot(pose.x, pose.z)) + (pose.aimY + pose.pitch * CAMERA.pitchShare) * rad
  const forward = [Math.sin(yaw) * Math.cos(tilt), Math.sin(tilt), -Math.cos(yaw) * Math.cos(tilt)]
  const right0 = unit(cross(forward, [0, 1, 0]))
  const up0 = cross(right0, forward)
  const [c, s] = [Math.cos(pose.roll * rad), Math.sin(pose.roll * rad)]
  const right = right0.map((r, i) => c * r + s * up0[i])
  const up = up0.map((r, i) => c * r - s * right0[i])
  // Ray = a * right - b * up + focal * forward; it meets the panel (z = 0) where eye + t * ray has z = 0.
  const ray = axis => [right[axis], (up[axis] ?? 0) * -1, focal * forward[axis]]
  const [rx, ry, rz] = [ray(0), ray(1), ray(2)]
  const perMetre = 1000 / panel.mmPerPx
  const w = rz.map(n => -n)
  const px = rx.map((n, i) => perMetre * (eye[0] * w[i] + eye[2] * n) + panel.width / 2 * w[i])
  const py = ry.map((n, i) => -perMetre * (eye[1] * w[i] + eye[2] * n) + panel.height / 2 * w[i])
  return [...px, ...py, ...w]
}

const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
const unit = v => v.map(n => n / Math.hypot(...v))

function blur(light, width, height, sigma) {
  const radius = Math.ceil(3 * sigma)
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)))
  const total = weights.reduce((sum, w) => sum + w, 0)
  const line = new Float32Array(Math.max(width, height) + 2 * radius)
  const pass = (count, countStep, length, step) => {
    for (let n = 0; n < count; n++) {
      const start = n * countStep
      for (let i = -radius; i < length + radius; i++) line[i + radius] = light[start + Math.max(0, Math.min(length - 1, i)) * step]
      for (let i = 0; i < length; i++) {
        let sum = 0
        for (let k = 0; k <= 2 * radius; k++) sum += weights[k] * line[i + k]
        light[start + i * step] = sum / total
      }
    }
  }
  pass(height, width, width, 1)
  pass(width, 1, height, width)
}

/** Exposure by the mean of the picture, never so long that the full white of the panel clips by more than `clipStops`. */
function develop(light, luck) {
  let mean = 0
  for (const l of light) mean += l
  mean /= light.length
  const gain = Math.min(CAMERA.meterTarget / mean, 2 ** CAMERA.clipStops / CAMERA.panelCd)
  const veil = CAMERA.veilShare * mean
  const out = new Uint8Array(light.length)
  for (let i = 0; i < light.length; i++) {
    const exposed = (light[i] + veil) * gain
    const noisy = exposed + NORMALS[Math.floor(luck.next() * NORMALS.length)] * Math.sqrt(CAMERA.shotNoise * exposed + CAMERA.readNoise ** 2)
    out[i] = GAMMA[Math.round(Math.max(0, Math.min(1, noisy)) * (GAMMA.length - 1))]
  }
  return out
}
