/** What the settings say of the rack: who looks at its display from where, and how its code is drawn. */
import { needsTiles, type Optics, type QrPolicy } from '#shared'
import type { Config } from './config.ts'
import type { Display, Screens } from './ports.ts'
import { parseEdid } from './wire/edid.ts'

/** `screens`: asked how large the rack display is, when the settings do not say. */
export function opticsOf(config: Config, screens: Screens | null = null): Optics {
  const set = config['rack.panelInches']
  const told = set > 0 || screens === null ? null : panelOf(screens.list())
  return { panelInches: set > 0 ? set : told?.inches ?? 0, panelBy: set > 0 ? 'setting' : told === null ? null : 'display', distanceM: config['rack.distanceCm'] / 100, cameraWidth: config['rack.cameraPixels'], fovDegrees: config['rack.cameraDegrees'] }
}

/** Both, read anew when the settings have changed: a display is asked for its size no more often. */
export function rackDrawing(now: () => Config, screens: Screens): () => { readonly optics: Optics; readonly policy: QrPolicy } {
  let of: Config | null = null
  let drawing: { readonly optics: Optics; readonly policy: QrPolicy } | null = null
  return () => {
    if (drawing === null || of !== now()) drawing = { optics: opticsOf(now(), screens), policy: policyOf(now(), screens) }
    of = now()
    return drawing
  }
}

/** The rack display is the largest one that is not built into the computer. Null: none tells its size. */
export function panelOf(displays: readonly Display[]): { readonly name: string; readonly inches: number } | null {
  const told = displays.filter(d => d.isBuiltIn !== true).flatMap(d => {
    const said = d.edid === undefined ? null : parseEdid(d.edid)
    return said === null || said.inches === null ? [] : [{ name: said.name, inches: said.inches }]
  })
  return told.toSorted((a, b) => b.inches - a.inches)[0] ?? null
}

export function policyOf(config: Config, screens: Screens | null = null): QrPolicy {
  const tiles = config['qr.tiles']
  return {
    level: config['qr.level'], margin: config['qr.margin'], gainPercent: config['qr.darkGain'], copies: config['qr.copies'] === 'on', cycle: config['qr.cycle'], stepMs: config['qr.stepMs'],
    tiles: tiles === 'always' || (tiles === 'auto' && needsTiles(opticsOf(config, screens)))
  }
}
