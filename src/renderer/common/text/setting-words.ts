// table
/**
 * What each setting is called, and in Chinese why it is there; the English reason comes from the station (src/main/config.ts),
 * where the README has it from as well. A test fails on a setting that has no row here, and on a row of no setting.
 */
import { words } from './words.ts'
import type { Words } from '#shared'

export interface SettingWords { readonly label: Words; readonly why: string }
const row = (en: string, zh: string, why: string): SettingWords => ({ label: words(en, zh), why })

/** What may be typed, as the station says it, in Chinese. */
const RANGES: Readonly<Record<string, string>> = {
  '0, or 30 to 3650': '0，或 30 至 3650', '1 to 16 letters, digits, -': '1 至 16 个字母、数字或 -', 'IPv4 addresses': 'IPv4 地址，每行一个', 'IPv4 networks as a.b.c.d/n': 'IPv4 网段，如 a.b.c.d/n', 'IPv4/16 to /30': 'IPv4，/16 至 /30',
  'a card name, or empty': '网卡名称，可不填', 'a name, or empty': '名称，可不填', 'a path, or empty': '路径，可不填', 'a program, or empty': '程序，可不填', 'an IPv4 address': 'IPv4 地址', 'an IPv4 address, or empty': 'IPv4 地址，可不填', 'an IPv4 address, with :port, or empty': 'IPv4 地址，可带 :端口，可不填',
  'hh:mm in UTC, or empty': 'UTC 时间 hh:mm，可不填', 'host names': '主机名，每行一个', 'host:port, alternatives with |': '主机:端口，多选一用 | 分隔', 'http(s) URL, or empty': 'http(s) 网址，可不填', 'rows such as "1 3 5 7", 0 for a gap': '每行如 1 3 5 7，空位写 0'
}
/** A range in Chinese; null: none is known, and the station's own words have to do. */
export function rangeInChinese(range: string): string | null {
  const ends = /^(\d+) to (\d+)$/.exec(range)
  if (ends !== null) return `${ends[1]} 至 ${ends[2]}`
  return range.startsWith('objects: ') ? range.replace('objects: ', '每行一个对象：').replaceAll(/, | or |; /g, '、') : RANGES[range] ?? null
}

export const SETTING_WORDS: Readonly<Record<string, SettingWords>> = {
  'mode': row('Mode', '模式', '正式：使用真实网卡和真实云端；培训：使用虚拟工作台，有自己的台账和签名密钥。'),
  'bench.card': row('Bench card', '工作台网卡', '接到工作台交换机的网卡，并且只接它。'),
  'bench.address': row('Its address', '网卡地址', '该网卡的地址；设备的地址来自同一网段。'),
  'bench.lanes': row('Lanes', '工位数', '工作台有多少个工位（标签 P01 到 P48）。'),
  'bench.layout': row('Layout of the lanes', '工位布局', '工位在真实交换机上的位置，逐行填写，屏幕照此显示。不填：按顺序。'),
  'bench.rack': row('Name of the rack', '货架名称', '此货架的名称，用于波次和货架显示屏。'),
  'dhcp.poolStart': row('First address', '起始地址', '分配给设备的第一个地址。'),
  'dhcp.poolEnd': row('Last address', '结束地址', '分配给设备的最后一个地址。'),
  'dhcp.leaseSeconds': row('Lease, seconds', '租约（秒）', '较短，拿走的设备在本班内就会归还地址。'),
  'dhcp.router': row('Router', '网关', '告诉设备的网关，设备经它访问云端。不填：不告诉。'),
  'dhcp.dns': row('Name servers', 'DNS 服务器', '告诉设备的 DNS 服务器。'),
  'dhcp.probeSeconds': row('Guard probe, seconds', '防护探测（秒）', '开始应答之前，监听其他 DHCP 服务器的时间；家用路由器需要 3 秒。'),
  'gateway.upstream': row('Card to the internet', '外网网卡', '工作站作为路由器时通向互联网的网卡。不填：默认路由所在的网卡。'),
  'gateway.open': row('Open private networks', '开放的内网', '设备仍可经工作站访问的内网，例如私有云。'),
  'gateway.servers': row('Upstream name servers', '上级 DNS 服务器', '工作站作为 DNS 服务器时向谁查询。不填：与本机相同。'),
  'wayOut.check': row('Check the way out', '检查外网通路', '开：设备能访问 DNS、时间和平台之前，不用名额、不发令牌。培训模式从不检查。'),
  'wayOut.hosts': row('Hosts to reach', '必须可达的主机', '设备必须能访问的每一项。不填：账号所在数据中心的平台主机。'),
  'wayOut.ntp': row('Time servers', '时间服务器', '其中一个必须应答。列表为空：不检查时间。'),
  'lan.take': row('Who gets a token', '谁获得令牌', 'lanes：已扫描的设备和已知工位上的设备；all：工作台上的全部设备；scanned：只有已扫描的设备。'),
  'lan.askSeconds': row('Ask every, seconds', '询问间隔（秒）', '最新固件只在被询问时自报；厂商 App 也是每 6 秒一次。'),
  'lan.goneSeconds': row('Gone after, seconds', '离线判定（秒）', '静默这么久之后视为已离开。'),
  'lan.static': row('Fixed addresses', '固定地址', '自带地址的设备；没有本站租约、也不在此列表的发送方不会成为设备。'),
  'lan.claimSeconds': row('Scan, then plug, seconds', '先扫后插（秒）', '先扫描、再接入：此时间内第一台新设备属于该次扫描。'),
  'switch.address': row('Managed switch', '管理型交换机', '工作台的管理型交换机；其转发表（SNMP v2c）说明哪台设备在哪个工位。'),
  'switch.communityEnv': row('Community: variable', '团体名：环境变量', '存放只读团体名的环境变量。'),
  'switch.communityFile': row('Community: file', '团体名：文件', '或者存放团体名的文件，权限 600。'),
  'switch.ports': row('Ports and lanes', '端口与工位', '交换机的哪个端口是哪个工位，例如 {"port": 3, "lane": 1}。'),
  'job.resetSeconds': row('Time to reset, seconds', '复位时限（秒）', '人工复位一台设备的最长时间，超过后其任务关闭。'),
  'job.proofSeconds': row('Time for proof, seconds', '证明时限（秒）', '询问之后等待证明的时间；0：按产品（100 秒加两倍重启时间）。'),
  'rack.panelInches': row('Rack display, inches', '货架显示屏（英寸）', '货架显示屏的对角线，用于距离规划；0：由显示屏自报，否则页面会询问。'),
  'rack.distanceCm': row('Distance to the cameras, cm', '到摄像机的距离（厘米）', '显示屏到摄像机的距离。55 英寸以上且小于 80 厘米时，二维码另外显示四份。'),
  'rack.cameraPixels': row('Camera picture width', '摄像机画面宽度', '摄像机读码所用画面的宽度；常常是两路中较小的一路。'),
  'rack.cameraDegrees': row('Camera angle, degrees', '摄像机视角（度）', '摄像机视野的宽度。'),
  'qr.level': row('Redundancy', '纠错等级', '冗余不能增加距离；L 的模块最大，Q 和 H 在斜角时失效。'),
  'qr.margin': row('White margin', '白边', '二维码四周的白色模块；页面是白色，2 个就够，但显示屏边框是黑色。'),
  'qr.darkGain': row('Dark gain, percent', '深色加宽（%）', '深色模块加宽的百分比：模糊和高亮会吃掉深色；超过 20 适得其反。'),
  'qr.copies': row('Small copies', '小副本', '二维码旁边的四个小副本：太近的摄像机看不全大的。'),
  'qr.cycle': row('Six pictures', '六幅轮换', '六幅画面轮换：一种亮度读不出，换一种能读出；静止的一幅之后也读不出。'),
  'qr.stepMs': row('Time of a picture, ms', '每幅时间（毫秒）', '每幅画面停留的时间：已知最慢固件看两次的时间。'),
  'qr.tiles': row('Four codes', '四码画面', '再加一幅含四个二维码的画面，用于大屏幕和距离近的摄像机。'),
  'wave.rotate': row('Turn of the networks', '网络轮换', '下一个二维码使用 wifi 中的哪个网络：第一个、每 8 小时换一个、每波换一个。'),
  'wave.command': row('Program before a code', '显示前运行的程序', '二维码使用某个网络之前，以该网络名运行，让接入点跟着切换。'),
  'wave.settleSeconds': row('Wait for results, seconds', '等待结果（秒）', '二维码消失后等待结果的时间。'),
  'cloud.baseUrl': row('Data centre', '数据中心', '账号未指明时使用的数据中心；或代理、私有云、npm run cloud。'),
  'cloud.readsPerSecond': row('Questions a second', '每秒查询次数', '同一云项目每秒的查询次数。'),
  'cloud.deletesPerSecond': row('Releases a second', '每秒释放次数', '同一云项目每秒的删除、重置、解绑次数。'),
  'cloud.selfTest': row('Permission self-test', '权限自检', '登录时逐个产品询问每个账号。refuse：被拒绝的产品在工作台上直接拒绝；warn：只显示。'),
  'cloud.proxy': row('Proxy', '代理', '通往云端和记录接收方的 HTTP 代理。'),
  'cloud.caFile': row('Private authority', '私有证书机构', '私有证书机构的 PEM 文件，除系统自带的以外也受信任。'),
  'relay.lifeSeconds': row('Code of the phone, seconds', '手机二维码（秒）', '扫描到的手机二维码使用多久；手机不告诉其有效期。'),
  'job.firstAlone': row('First unit alone', '首台单独处理', '开：正式模式下，本站从未证实过的产品一次只处理一台，直到有一台被证实。'),
  'cloud.deadlineSeconds': row('Exchange limit, seconds', '交互时限（秒）', '与云端一次完整交互的时限。'),
  'cloud.pollSeconds': row('Ask for results, seconds', '查询结果间隔（秒）', '有设备等待结果时，多久查询一次。'),
  'quota.accountPerDay': row('Account, per day', '账号每日名额', '一个账号 24 小时内可解绑的数量；厂商凭工单提高。'),
  'quota.productPerDay': row('Product, per day', '产品每日名额', '一个产品 24 小时内可解绑的数量；厂商凭工单提高。'),
  'quota.raises': row('Raises', '提高的名额', '厂商凭工单给某个账号或产品提高的名额。'),
  'quota.dayStart': row('Day begins', '每日起点', '厂商的一天何时开始（UTC），知道后填写。不填：任意 24 小时不超过一天的名额。'),
  'quota.returnSeconds': row('List is whole after, seconds', '名单完整时间（秒）', '令牌结束后，其名单视为完整的时间：不在名单上的设备归还名额。'),
  'quota.seatsPerToken': row('Seats of a token', '每个令牌的名额', '一个令牌或二维码可用于多少台设备。'),
  'sync.baseUrl': row('Central receiver', '中心接收方', '记录上传到哪里（POST /v1/events）。不填：只保存在本站。'),
  'sync.certificateFile': row('Certificate of the receiver', '接收方证书', '自签名时，接收方可以出示的唯一证书（PEM）。不填：公共机构的证书。'),
  'sync.webhooks': row('Webhooks', 'Webhook', '结论以签名 JSON 发送到哪里；fields 把我们的字段对应到对方的字段。'),
  'sync.folders': row('Drop folders', '投递文件夹', '结论以 CSV 文件写到哪里；文件夹由别人清空。'),
  'care.keepDays': row('Keep, days', '保留天数', '更早的记录移入归档文件，前提是每个目的地都已保存 30 天；设备和结论保留。0：全部保留。'),
  'care.backupHour': row('Backup from, hour', '备份时刻', '夜间从这个小时起备份台账，只要没有正在处理的工作。'),
  'power.wiring': row('Relay wiring', '继电器接法', '工位怎样接在继电器上。on-when-idle：继电器静止时设备有电，工作站关闭时也有。'),
  'recipe.values': row('Values of recipes', '配方参数', '配方需要知道的某个产品的信息，例如其设置存放位置。'),
  'recipe.secrets': row('Secrets of recipes', '配方密码', '配方在控制台输入的密码；名称如 linux-login.password。'),
  'printer.address': row('Label printer', '标签打印机', '标签打印机（ZPL，TCP 9100 端口）。不填：标签只有 PDF。培训模式没有打印机。'),
  'printer.widthMm': row('Label width, mm', '标签宽度（毫米）', '按阅读方向的标签宽度。'),
  'printer.heightMm': row('Label height, mm', '标签高度（毫米）', '按阅读方向的标签高度。'),
  'printer.dpi': row('Print head, dpi', '打印头分辨率', '打印头的分辨率；两种都写在铭牌上。'),
  'printer.rotate': row('Turn of the label', '标签旋转', '标签顺时针旋转多少度，用于宽大于高的纸卷。'),
  'printer.copies': row('Copies', '份数', '每张标签打印几份；其中一份用于回扫。'),
  'accounts': row('Accounts of the file', '文件中的账号', '可以解绑的云账号；products 为空表示由云端决定。'),
  'wifi': row('Bench networks', '工作台网络', '二维码波次使用的工作台网络；开放网络两项都不填。')
}
