// table
/** Words of the rack display and the big board, read from a distance. */
import { words, type Group } from './words.ts'

export const DISPLAY = {
  'display.code': words('Pairing code for the cameras', '供摄像机读取的配对二维码'),
  'display.blank': words('No code', '没有二维码'),
  'display.scan': words('SCAN NOW', '请扫描'),
  'display.version': words('Code version {n}', '二维码版本 {n}'),
  'display.long': words('Code version {n}: shorten the Wi-Fi name and password', '二维码版本 {n}：请缩短 Wi-Fi 名称和密码'),
  'display.count': words('{n} of {of}', '{n} / {of}'),
  'display.of': words('of {of}', '共 {of}'),
  'display.silent': words('The station is silent', '工作站没有回应'),
  'display.silent.next': words('The code is hidden until the station answers.', '在工作站回应之前不显示二维码。'),
  'display.none': words('No wave', '没有波次'),
  'display.none.next': words('Scan the cameras at the console, then start a wave.', '在控制台扫描摄像机，然后开始一波。'),
  'display.soon': words('Getting the code', '正在获取二维码'),
  'display.soon.next': words('Press reset on the cameras; wait for red blinking.', '按摄像机的复位键，等待红灯闪烁。'),
  'display.full': words('STOP – FULL', '停止 – 已满'),
  'display.full.next': words('Keep further cameras for the next wave.', '其余摄像机留到下一波。'),
  'display.quiet': words('NOBODY ELSE CAME', '没有新的设备'),
  'display.quiet.next': words('Look at the console for the cameras that are left.', '请看控制台上剩下的摄像机。'),
  'display.no-join': words('WI-FI?', 'WI-FI 不通？'),
  'display.no-join.next': words('No camera joined within 60 seconds. Check the Wi-Fi name and password.', '60 秒内没有摄像机连上。请检查 Wi-Fi 名称和密码。'),
  'display.uninvited': words('NOT INVITED', '未登记'),
  'display.uninvited.next': words('A camera outside this wave read the code. Turn it away, then go on at the console.', '有波次之外的摄像机读了码。把它转开，然后在控制台继续。'),
  'display.cloud': words('NO CLOUD', '云端无回应'),
  'display.cloud.next': words('The code was taken away because the cloud does not answer.', '因为云端没有回应，二维码已撤下。'),
  'board.holds': words('On hold', '待处理'),
  'board.quota': words('Quota left', '剩余名额'),
  'display.expired': words('EXPIRED', '已过期'),
  'display.expired.next': words('Reset the cameras that are left; start a new wave.', '复位剩下的摄像机，开始新的一波。'),
  'display.stopped': words('STOPPED', '已停止'),
  'display.stopped.next': words('Look at the console for what to do next.', '请看控制台上的下一步。'),
  'display.settling': words('Results are coming in', '正在等待结果'),
  'display.settling.next': words('Leave the cameras powered until the console shows a verdict.', '在控制台显示结论之前保持摄像机通电。')
} as const satisfies Group
