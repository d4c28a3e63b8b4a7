/** Words of backups, retention, saved views and the vendor log. */
import { words, type Group } from './words.ts'

export const CARE = {
  'view.reason': words('Reason', '原因'),
  'view.days': words('Days back', '最近天数'),
  'view.saved': words('Saved views', '已存视图'),
  'view.none': words('None saved yet', '还没有保存'),
  'view.choose': words('Choose a view', '选择视图'),
  'view.shared': words('{name} (for all)', '{name}（所有人）'),
  'view.name': words('Name', '名称'),
  'view.for-all': words('For all', '所有人'),
  'view.save': words('Save this view', '保存此视图'),
  'view.remove': words('Remove view', '删除视图'),
  'view.more': words('More units', '更多设备'),
  'view.first': words('Back to the first', '回到最前'),
  'vendor.log': words("The vendor's own log", '涂鸦平台的日志'),
  'vendor.none': words('Not asked for yet, or the vendor has nothing.', '尚未查询，或平台没有记录。'),
  'vendor.ask': words('Ask the vendor', '查询平台'),
  'vendor.by': words('By', '来源'),
  'vendor.online': words('Online', '上线'),
  'vendor.offline': words('Offline', '下线'),
  'vendor.activated': words('Activated', '激活'),
  'vendor.reset': words('Reset', '重置'),
  'vendor.firmware': words('Firmware', '固件升级'),
  'vendor.restart': words('Restart', '重启'),
  'vendor.by-device': words('Unit', '设备'),
  'vendor.by-app': words('App', '客户端'),
  'vendor.by-other': words('Other platform', '第三方'),
  'vendor.by-cloud': words('Cloud', '云端'),
  'vendor.other': words('No. {n}', '编号 {n}'),
  'transcript.of': words('Console, {recipe}, {at}', '控制台，{recipe}，{at}')
} as const satisfies Group
