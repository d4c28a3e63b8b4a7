// table
/** Words of the settings pages and of the checklist that proves the bench. */
import { words, type Group } from './words.ts'

export const SETTINGS = {
  'set.pages': words('Pages of the settings', '设置页面'),
  'set.accounts': words('Accounts', '账号'),
  'set.scanner': words('Scanner', '扫描枪'),
  'set.sounds': words('Sounds', '声音'),
  'scan-test.how': words('Scan anything. What the scanner sends is shown key by key.', '扫描任意条码，逐键显示扫描枪发送的内容。'),
  'scan-test.none': words('nothing heard yet', '还没有收到'),
  'scan-test.end': words('Ends with Enter or Tab', '以 Enter 或 Tab 结束'),
  'scan-test.fast': words('Faster than typing', '比手动输入快'),
  'scan-test.ime': words('No input method in the way', '没有输入法干扰'),
  'scan-test.slowest': words('Slowest key {n} ms after the one before', '最慢的按键间隔 {n} 毫秒'),
  'scan-test.keys': words('Keys as heard', '收到的按键'),
  'scan-test.swallowed': words('An input method may swallow what fields see; scans are read by physical key and do not mind.', '输入法可能截走输入框的内容；扫描按物理键读取，不受影响。'),
  'sound.volume': words('Volume', '音量'),
  'sound.test': words('Play', '播放'),
  'sound.accept': words('Accepted', '已接受'),
  'sound.reject': words('Not accepted', '未接受'),
  'sound.attention': words('Your hands are wanted', '需要操作'),
  'sound.complete': words('A wave is complete', '一波完成'),
  'sound.twin.accept': words('On the screen: green edge and tick at the last scan.', '屏幕：最近扫描处绿色边框和对勾。'),
  'sound.twin.reject': words('On the screen: red edge and what to do.', '屏幕：红色边框和处理方法。'),
  'sound.twin.attention': words('On the screen: blue tile with the one act. Repeats until a scan.', '屏幕：蓝色工位显示要做的事。重复到下一次扫描。'),
  'sound.twin.complete': words('On the screen: the wave says that it has ended.', '屏幕：波次显示已结束。'),
  'sound.state.on': words('Sound is on.', '声音已开。'),
  'sound.state.locked': words('Press any key once: the browser wants it.', '请按任意键一次：浏览器要求。'),
  'sound.state.off': words('Sound is off.', '声音已关。'),
  'sound.state.none': words('This browser has no sound.', '此浏览器没有声音。')
} as const satisfies Group
