// table
/** Words of the history: finding units, facts. */
import { words, type Group } from './words.ts'

export const HISTORY = {
  'find.label': words('Find a unit', '查找设备'),
  'find.outcome': words('Outcome', '结论'),
  'find.all': words('All', '全部'),
  'find.units': words('Units', '设备'),
  'facts.label': words('History, newest first', '历史，最新在前'),
  'facts.of-unit': words('History of one unit, newest first', '单台设备的历史，最新在前'),
  'facts.seq': words('No.', '编号'),
  'facts.of-before': words('{n}, before', '此前 {n}'),
  'facts.away': words('Not here: {n|file|files} of history. Put back what is missing, into the archive folder beside the ledger to see all of it.', '有 {n} 个历史文件不在本机。放回台账旁的 archive 文件夹即可看到全部。'),
  'facts.at': words('When', '时间'),
  'facts.kind': words('What', '事件'),
  'facts.body': words('Details', '详情'),
  'facts.newer': words('Newer', '较新'),
  'facts.older': words('Older', '较早'),
  'find.none': words('No unit fits.', '没有符合的设备。'),
  'facts.none': words('Nothing fits.', '没有符合的记录。'),
  'log.kind': words('What', '事件'),
  'log.verify': words('Is it whole?', '记录完整吗？'),
  'log.whole': words('Whole: {n|fact|facts}, each chained to the one before.', '完整：{n} 条，每条与前一条相连。'),
  'log.broken': words('Not whole:', '不完整：'),
  'time.attempts': words('Attempts', '尝试'),
  'time.no-attempt': words('No attempt yet.', '还没有尝试。'),
  'time.opened': words('Begun', '开始'),
  'time.closed': words('Ended', '结束')
} as const satisfies Group
