/** Why is it not listed? The checks a station can make for a lane or a MAC, in the order in which they usually are the cause. */
import type { FaultView } from './faults.ts'
import type { UnitId, Words } from './words.ts'

const words = (en: string, zh: string): Words => ({ en, zh })

export const WHY_CHECKS = {
  link: words('Cable and power of the unit', '设备的网线和电源'),
  card: words('Bench card and its cable', '工作台网卡和网线'),
  foreign: words('No other DHCP server', '没有其他 DHCP 服务器'),
  lease: words('Address from this station', '本工作站分配的地址'),
  port: words('Our ports are ours', '端口未被占用'),
  heard: words('Heard on this card', '在此网卡上收到'),
  malformed: words('What it says makes sense', '内容可以理解'),
  model: words('When it speaks', '何时自报'),
  wanted: words('A token may go to it', '允许发送令牌'),
  internet: words('Way to the internet for units', '设备上网通路')
} as const satisfies Record<string, Words>
export type WhyName = keyof typeof WHY_CHECKS
export const WHY_NAMES = ['link', 'card', 'foreign', 'lease', 'port', 'heard', 'malformed', 'model', 'wanted', 'internet'] as const satisfies readonly WhyName[]

/** unknown: this bench has no means to see it, or nothing to see yet. */
export interface WhyCheck { readonly name: WhyName; readonly state: 'ok' | 'bad' | 'unknown'; readonly fault: FaultView | null; readonly seen: Readonly<Record<string, string | number>> }
/** Causes first, the likeliest of them on top; then what cannot be seen, then what is well. */
export interface WhyView { readonly mac: string | null; readonly ip: string | null; readonly lane: number | null; readonly unit: UnitId | null; readonly name: string | null; readonly checks: readonly WhyCheck[] }
