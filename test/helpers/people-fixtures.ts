/** Canned views of people, serial adapters, recipes, a terminal and of why a lane is empty, for screens without a station. */
import type { HereView, PersonView, PortsView, RecipeView, TerminalView, WhyView } from '#shared'
import { RELAY } from './cloud-fixtures.ts'
import { NOW } from './fixtures.ts'

export const OPERATOR: HereView = { operator: { badge: '1001', name: 'Chen Li', role: 'operator', language: null }, raised: null, hasAdmin: true }
export const BESIDE: HereView = { ...OPERATOR, raised: { badge: 'LEAD', name: 'Li Na', role: 'lead', until: null } }
const PEOPLE: readonly PersonView[] = [
  { badge: 'A1', name: 'Wang Wei', role: 'admin', language: null, hasPin: true, lockedUntil: null, competence: [], isGiven: false },
  { badge: 'LEAD', name: 'Training lead', role: 'lead', language: null, hasPin: true, lockedUntil: NOW + 300_000, competence: [{ course: 'shift-1', score: 92.5, at: NOW }], isGiven: true }
]
export const PORTS: PortsView = {
  fault: null, trustedLanes: [2],
  ports: [
    { path: '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', label: 'USB Serial', usb: '1a86:7523', serial: null, role: 'console', lane: 1, board: null, lanes: [], isThere: true, isNamed: false },
    { path: '/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0', label: 'USB Serial', usb: '1a86:7523', serial: null, role: null, lane: null, board: null, lanes: [], isThere: true, isNamed: false },
    { path: '/dev/serial/by-id/relay', label: 'Relay', usb: null, serial: null, role: 'relay', lane: null, board: 'lcus', lanes: [1, 2], isThere: true, isNamed: false }
  ]
}
const RECIPES: readonly RecipeView[] = [{ id: 'uboot-env', version: 3, title: { en: 'U-Boot environment erase', zh: '擦除 U-Boot 环境' }, for: 'NVR', danger: 'erases-settings', isShipped: true, runs: 9, verified: 7 }]
export const TERMINAL: TerminalView = { session: 's1', lane: 1, path: PORTS.ports[0]?.path ?? '', baud: 115_200, unit: null, openedAt: NOW, lead: 'LEAD', from: 0, text: 'U-Boot 2023.01\r\n=> ' }
const WHY: WhyView = {
  mac: null, ip: null, lane: 8, unit: null, name: null,
  checks: [
    { name: 'link', state: 'bad', fault: { code: 'unit.no-link', context: {} }, seen: { port: 8, link: 'down' } }, { name: 'lease', state: 'unknown', fault: null, seen: {} }, { name: 'heard', state: 'unknown', fault: null, seen: {} },
    { name: 'card', state: 'ok', fault: null, seen: { card: 'enx00e04c680001', address: '10.77.0.1/24' } }, { name: 'foreign', state: 'ok', fault: null, seen: { seconds: 5 } }, { name: 'port', state: 'ok', fault: null, seen: { ports: '6666 6667 7000' } },
    { name: 'malformed', state: 'ok', fault: null, seen: { malformed: 0 } }, { name: 'internet', state: 'ok', fault: null, seen: {} }
  ]
}

/** By the name of their query or command. */
export const STAFFED: Readonly<Record<string, unknown>> = {
  'person.list': PEOPLE, 'ports.list': PORTS, 'recipe.list': RECIPES, 'terminal.open': TERMINAL, 'terminal.view': TERMINAL, 'unit.why': WHY, 'relay.view': RELAY
}
