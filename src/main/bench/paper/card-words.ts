// table
/** Every card the station prints: what the scanner reads, the words, the picture. A card nobody can read here is not printed. */
import { EXERCISES, KEYS, type Deck, type ExerciseName, type Words } from '#shared'
import type { CommandCard } from '../../wire/label.ts'

/** Strokes in a square of 24 units; `fill` for lamps. */
export interface Picture { readonly path: string; readonly fill?: string }
export interface Card { readonly code: string; readonly words: Words; readonly picture: Picture; /** The key that does the same. */ readonly key: string | null }

const drawn = (path: string): Picture => ({ path })
const PICTURES = {
  question: drawn('M8 9 a4 4 0 1 1 5.5 3.7 c-1.2 .5 -1.5 1.3 -1.5 2.6 M12 19 v.2'),
  type: drawn('M3 7 h18 v10 h-18 z M7 11 h.2 M12 11 h.2 M17 11 h.2 M8 14.2 h8'),
  doubt: drawn('M10 4 a6 6 0 1 0 .1 0 z M14.5 14.5 L20 20 M10 7 v3.6 M10 12.6 v.2'),
  find: drawn('M10 4 a6 6 0 1 0 .1 0 z M14.5 14.5 L20 20'),
  screen: drawn('M3 5 h18 v11 h-18 z M9 20 h6 M12 16 v4'),
  eye: drawn('M2 12 q10 -10 20 0 q-10 10 -20 0 z M12 9.5 a2.5 2.5 0 1 0 .1 0 z'),
  pause: drawn('M4 4 h16 v16 h-16 z M9.5 8.5 v7 M14.5 8.5 v7'),
  printer: drawn('M7 9 V3 h10 v6 M4 9 h16 v8 h-3 M4 9 v8 h3 M7 14 h10 v7 h-10 z'),
  undo: drawn('M9 5 L4 10 l5 5 M4 10 h10 a5 5 0 0 1 0 10 h-3'),
  gauge: drawn('M4 18 a9 9 0 1 1 16 0 M12 15 L16.5 8.5'),
  sheet: drawn('M6 3 h9 l4 4 v14 h-13 z M9 11 h7 M9 15 h7'),
  full: drawn('M4 9 V4 h5 M15 4 h5 v5 M20 15 v5 h-5 M9 20 H4 v-5'),
  bell: drawn('M6 17 v-6 a6 6 0 0 1 12 0 v6 z M4 17 h16 M11 20.5 h2'),
  back: drawn('M15 5 L8 12 l7 7'),
  pen: drawn('M4 20 l1 -5 L16 4 l4 4 L9 19 z M14 6 l4 4'),
  check: drawn('M12 3 a9 9 0 1 0 .1 0 z M7.5 12.5 l3 3 l6 -7'),
  door: drawn('M5 3 h9 v18 H5 z M17 8 l4 4 l-4 4 M11 12 h10'),
  go: drawn('M7 4 L20 12 L7 20 z'),
  stop: drawn('M8 3 h8 l5 5 v8 l-5 5 h-8 l-5 -5 v-8 z M8.5 12 h7'),
  again: drawn('M19 12 a7 7 0 1 1 -2 -5 M17 2.5 v4.5 h-4.5'),
  cross: drawn('M5 5 L19 19 M19 5 L5 19'),
  clock: drawn('M12 3 a9 9 0 1 0 .1 0 z M12 7 v5 l3.5 2'),
  key: drawn('M8 9 a4 4 0 1 0 .1 0 z M12 13 h9 M17.5 13 v3.5 M20.5 13 v3'),
  plug: drawn('M9 3 v5 M15 3 v5 M6 8 h12 v4 a6 6 0 0 1 -12 0 z M12 18 v3'),
  crack: drawn('M4 4 h16 v16 h-16 z M13 4 L10 10 l4 3 l-3 7'),
  box: drawn('M3 8 L12 3.5 L21 8 v9 L12 21 L3 17 z M3 8 L12 12.5 L21 8 M12 12.5 V21'),
  person: drawn('M12 4 a4 4 0 1 0 .1 0 z M4.5 20.5 a7.5 7.5 0 0 1 15 0'),
  socket: drawn('M3 6 h18 v12 h-18 z M8 12 v-2 h8 v2 l-2 2.5 h-4 z')
} as const satisfies Record<string, Picture>

const LAMP = 'M12 6.5 a5.5 5.5 0 1 0 .1 0 z'
const RAYS = ' M12 1.5 v2 M12 20.5 v2 M1.5 12 h2 M20.5 12 h2 M4.5 4.5 l1.4 1.4 M18.1 18.1 l1.4 1.4 M19.5 4.5 l-1.4 1.4 M5.9 18.1 l-1.4 1.4'
const lamp = (fill: string | null, isBlinking: boolean): Picture => ({ path: LAMP + (isBlinking ? RAYS : ''), ...(fill === null ? {} : { fill }) })

const COMMANDS: Readonly<Record<CommandCard, { readonly words: Words; readonly picture: Picture; readonly isLight?: true }>> = {
  'HELP': { words: { en: 'Help for what is on screen', zh: '当前画面的帮助' }, picture: PICTURES.question },
  'TYPE': { words: { en: 'Type a code', zh: '手动输入编码' }, picture: PICTURES.type },
  'FIND': { words: { en: 'Find a unit', zh: '查找设备' }, picture: PICTURES.find },
  'DISPLAY': { words: { en: 'Rack display on or off', zh: '打开或关闭货架显示屏' }, picture: PICTURES.screen },
  'PROOF': { words: { en: 'Look for proof now', zh: '立即查询证明' }, picture: PICTURES.eye },
  'HOLD': { words: { en: 'Hold this unit', zh: '搁置此设备' }, picture: PICTURES.pause },
  'PRINT': { words: { en: 'Print the label, or print it again', zh: '打印或重新打印标签' }, picture: PICTURES.printer },
  'UNDO': { words: { en: 'Undo the last scan', zh: '撤销上一次扫描' }, picture: PICTURES.undo },
  'QUOTA': { words: { en: 'Show the quota', zh: '查看额度' }, picture: PICTURES.gauge },
  'HANDOVER': { words: { en: 'Hand the shift over', zh: '交接班' }, picture: PICTURES.sheet },
  'FULL': { words: { en: 'Full screen', zh: '全屏' }, picture: PICTURES.full },
  'LEAD': { words: { en: 'Call the lead', zh: '呼叫组长' }, picture: PICTURES.bell },
  'BACK': { words: { en: 'Back', zh: '返回' }, picture: PICTURES.back },
  'SIGN': { words: { en: 'Take the shift over', zh: '接班' }, picture: PICTURES.pen },
  'DAILY': { words: { en: 'Start the daily check', zh: '开始每日检查' }, picture: PICTURES.check },
  'WHY': { words: { en: 'Why is it not listed?', zh: '为何未列出？' }, picture: PICTURES.doubt },
  'LEAVE': { words: { en: 'Sign out', zh: '退出登录' }, picture: PICTURES.door },
  'WAVE': { words: { en: 'Start a wave', zh: '开始一波' }, picture: PICTURES.go },
  'STOP': { words: { en: 'Stop the wave', zh: '停止这一波' }, picture: PICTURES.stop },
  'AGAIN': { words: { en: 'One more attempt', zh: '再试一次' }, picture: PICTURES.again },
  'DARK': { words: { en: 'I saw: no light', zh: '我看到：灯不亮' }, picture: lamp(null, false), isLight: true },
  'RED': { words: { en: 'I saw: steady red', zh: '我看到：红灯常亮' }, picture: lamp('#d01616', false), isLight: true },
  'RED-BLINKS': { words: { en: 'I saw: blinking red', zh: '我看到：红灯闪烁' }, picture: lamp('#d01616', true), isLight: true },
  'GREEN-BLINKS': { words: { en: 'I saw: blinking green', zh: '我看到：绿灯闪烁' }, picture: lamp('#0c8a3c', true), isLight: true },
  'GREEN': { words: { en: 'I saw: steady green', zh: '我看到：绿灯常亮' }, picture: lamp('#0c8a3c', false), isLight: true }
}

/** The first four are what the phone of a relayed code says (line/relayed.ts); any other reason sets the unit aside. */
const REASONS: readonly (readonly [string, Words, Picture])[] = [
  ['NO-PERMISSION', { en: 'The phone says: no permission', zh: '手机提示：无权限' }, PICTURES.key],
  ['EXPIRED', { en: 'The phone says: code expired', zh: '手机提示：二维码已过期' }, PICTURES.clock],
  ['OVER-QUOTA-ACCOUNT', { en: 'The phone says: account over quota', zh: '手机提示：账号超出额度' }, PICTURES.gauge],
  ['OVER-QUOTA-PRODUCT', { en: 'The phone says: product over quota', zh: '手机提示：产品超出额度' }, PICTURES.gauge],
  ['NO-POWER', { en: 'Does not power on', zh: '无法开机' }, PICTURES.plug],
  ['NO-SUPPLY', { en: 'Power supply missing', zh: '缺少电源适配器' }, PICTURES.plug],
  ['DAMAGED', { en: 'Damaged', zh: '外观或硬件损坏' }, PICTURES.crack],
  ['NO-RESET', { en: 'Cannot be reset', zh: '无法复位' }, PICTURES.again],
  ['WRONG-LABEL', { en: 'Label does not fit the box', zh: '标签与设备不符' }, PICTURES.cross],
  ['ASK-LEAD', { en: 'Ask the lead', zh: '请组长处理' }, PICTURES.bell]
]

/** Also on the certificate of competence. */
export const EXERCISE_WORDS: Readonly<Record<ExerciseName, Words>> = {
  'no-power': { en: 'Exercise: no power supply', zh: '练习：缺少电源' }, 'silent-unit': { en: 'Exercise: silent unit', zh: '练习：设备无响应' }, 'expired-code': { en: 'Exercise: expired code', zh: '练习：二维码过期' },
  'foreign-dhcp': { en: 'Exercise: foreign address server', zh: '练习：外来地址服务器' }, 'quota-hit': { en: 'Exercise: quota used up', zh: '练习：名额用完' }, 'cloud-down': { en: 'Exercise: cloud away', zh: '练习：云端断开' }, 'printer-jam': { en: 'Exercise: printer jam', zh: '练习：打印机卡纸' }
}

const keyOf = (card: string): string | null => KEYS.find(k => k.card === card)?.key ?? null
const commands = (isLight: boolean): Card[] => Object.entries(COMMANDS).filter(([, c]) => (c.isLight === true) === isLight).map(([name, { words, picture }]) => ({ code: `CM:${name}`, words, picture, key: keyOf(name) }))

export const PORTS_MAX = 48

/** `names`: of badges and totes, as they shall be scanned. */
export function cardsOf(deck: Deck, names: readonly string[]): readonly Card[] {
  switch (deck) {
    case 'commands': return commands(false)
    case 'lights': return commands(true)
    case 'reasons': return REASONS.map(([name, words, picture]) => ({ code: `RS:${name}`, words, picture, key: null }))
    case 'ports': return Array.from({ length: PORTS_MAX }, (_, i) => ({ code: `P${String(i + 1).padStart(2, '0')}`, words: { en: `Lane ${i + 1}`, zh: `工位 ${i + 1}` }, picture: PICTURES.socket, key: null }))
    case 'exercises': return EXERCISES.map(name => ({ code: `EX:${name.toUpperCase()}`, words: EXERCISE_WORDS[name], picture: PICTURES.again, key: null }))
    case 'badges': return names.map(name => ({ code: `OP:${name}`, words: { en: name, zh: '操作员' }, picture: PICTURES.person, key: null }))
    case 'totes': return names.map(name => ({ code: `TT:${name}`, words: { en: name, zh: '周转箱' }, picture: PICTURES.box, key: null }))
    default: return deck satisfies never
  }
}
