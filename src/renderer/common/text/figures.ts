// table
/** Words of the figures of the shift and of the lamps of the honesty bar. */
import { words, type Group } from './words.ts'

export const FIGURES = {
  'figures.label': words('Figures of the day', '今日数据'),
  'shift.label': words('This shift', '本班'),
  'shift.units': words('Released', '已解绑'),
  'shift.of': words('{n} of {of}', '{n} / {of}'),
  'shift.per-hour': words('Per hour', '每小时'),
  'shift.first-pass': words('First pass', '一次通过率'),
  'queue.label': words('Units by stage', '各阶段设备数'),
  'quota.label': words('Quota of the day', '今日名额'),
  'quota.account': words('Account', '账号'),
  'quota.left': words('{left} left', '剩 {left}'),
  'quota.more': words('+{n} more', '另有 {n} 项'),
  'quota.of': words('{spent} spent, {reserved} reserved of {cap}', '已用 {spent}，预留 {reserved}，共 {cap}'),
  'lamps.label': words('State of the bench', '工作台状态'),
  'lamp.station': words('Station', '工作站'),
  'lamp.cloud': words('Cloud', '云端'),
  'lamp.card': words('Card', '网卡'),
  'lamp.guard': words('Guard', '防护'),
  'lamp.clock': words('Clock', '时钟'),
  'lamp.sync': words('Queue', '待传'),
  'lamp.scanner': words('Scanner', '扫描枪'),
  'lamp.display': words('Display', '显示屏'),
  'lamp.internet': words('Internet', '外网'),
  'lamp.ledger': words('Ledger', '台账'),
  'lamp.state.ok': words('ok', '正常'),
  'lamp.state.warn': words('look', '注意'),
  'lamp.state.bad': words('fault', '故障'),
  'lamp.state.off': words('off', '关闭'),
  'quota.gone': words('gone at {time}', '{time} 用完'),
  'lamps.causes': words('What is not well', '异常情况'),
  'lamps.well': words('Everything is well.', '一切正常。')
} as const satisfies Group
