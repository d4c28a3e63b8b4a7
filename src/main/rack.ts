/** What the settings say of the rack: who looks at its display from where, and how its code is drawn. */
import { needsTiles, type Optics, type QrPolicy } from '#shared'
import type { Config } from './config.ts'

export function opticsOf(config: Config): Optics {
  return { panelInches: config['rack.panelInches'], distanceM: config['rack.distanceCm'] / 100, cameraWidth: config['rack.cameraPixels'], fovDegrees: config['rack.cameraDegrees'] }
}

export function policyOf(config: Config): QrPolicy {
  const tiles = config['qr.tiles']
  return {
    level: config['qr.level'], margin: config['qr.margin'], gainPercent: config['qr.darkGain'], copies: config['qr.copies'] === 'on', cycle: config['qr.cycle'], stepMs: config['qr.stepMs'],
    tiles: tiles === 'always' || (tiles === 'auto' && needsTiles(opticsOf(config)))
  }
}
