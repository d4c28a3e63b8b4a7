// table
/** Words of the help for what is on screen. */
import { words, type Group } from './words.ts'

export const HELP = {
  'help.label': words('Help', '帮助'),
  'help.why': words('Why is what I scanned not listed?', '为什么我扫描的没有列出？'),
  'help.keys': words('Keys and their cards', '按键与对应的卡'),
  'help.key': words('Key', '按键'),
  'help.card': words('Card', '卡'),
  'help.does': words('Does', '作用'),
  'keys.does.HELP': words('Help for what is on the screen', '显示当前画面的帮助'),
  'keys.does.TYPE': words('Type a code by hand', '手动输入代码'),
  'keys.does.FIND': words('Find a unit by any of its names', '按任一标识查找设备'),
  'keys.does.DISPLAY': words('Rack display on or off', '打开或关闭货架显示屏'),
  'keys.does.PROOF': words('Ask the cloud for results now', '立即向云端查询结果'),
  'keys.does.HOLD': words('Set the last unit aside', '把最近的设备设为待处理'),
  'keys.does.PRINT': words('Print its label again', '重新打印标签'),
  'keys.does.UNDO': words('Undo the last scan', '撤销最近一次扫描'),
  'keys.does.QUOTA': words('Quota of the day', '今日名额'),
  'keys.does.HANDOVER': words('Hand the shift over', '交接班'),
  'keys.does.FULL': words('Full screen on or off', '进入或退出全屏'),
  'keys.does.LEAD': words('Call the lead, or say that the lead is here', '呼叫组长，或表示组长已到'),
  'help.bench.one': words('Scan a unit, plug it in anywhere, walk on. Its tile says what it wants.', '扫描设备，接入任意工位，然后继续。工位会提示需要做什么。'),
  'help.bench.two': words('Blue tiles want your hands. Striped ones were not heard for 45 seconds.', '蓝色工位需要操作。条纹表示 45 秒没有信号。'),
  'help.bench.three': words('Proven is only said when the cloud or a seen change proves it; a red lamp proves nothing.', '只有云端记录或观察到的变化才算已证实；红灯不能证明任何事。'),
  'help.wave.one': words('Scan each camera, press its reset, then start the wave.', '扫描每台摄像机，按复位键，然后开始一波。'),
  'help.wave.two': words('The code stays up until all have a verdict, the time is over or somebody stops it.', '二维码一直显示，直到全部有结论、时间到或有人停止。'),
  'help.wave.three': words('Cameras that are left are listed with their reason; a second wave takes only those.', '剩下的摄像机会列出原因；第二波只处理这些。'),
  'help.network.one': words('The bench card and its address server, and who has which address.', '工作台网卡、地址服务器，以及地址分配情况。'),
  'help.network.two': words('Another address server on the bench silences ours within a second, and is named here.', '工作台上出现其他地址服务器时，我们的会在一秒内静默，并在此显示。'),
  'help.network.three': words('Units reach the internet by one way only; here is whether it is open.', '设备只通过一条通路上网；这里显示是否畅通。'),
  'help.supervisor.one': words('What was done, what waits, what is left of the day.', '已完成、等待中和今天剩余的工作。'),
  'help.supervisor.two': words('A hold is released by two badges. Each is handed over by a scan at the end of the shift.', '解除待处理需要两个工牌。交班时逐一扫描确认。'),
  'help.supervisor.three': words('Nothing here can be rewritten: each line is chained to the one before.', '这里的记录无法改写：每一条都与前一条相连。'),
  'help.settings.one': words('Each page has a test that says plainly whether it works.', '每一页都有测试，直接说明是否正常。'),
  'help.settings.two': words('What stands in the configuration file is shown with its name and changed there.', '配置文件中的项目显示名称，并在文件中更改。'),
  'help.settings.three': words('The checklist proves the bench instead of asking about it.', '检查清单是验证工作台，而不是询问。')
} as const satisfies Group
