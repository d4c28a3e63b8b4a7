// table
/**
 * The fault catalogue: the only place for fault codes and their words. `noun.symptom`; blame decides who is asked to act,
 * retry decides what the station may do by itself. Titles have at most 40 characters, actions at most 90 and are one
 * imperative sentence an operator can carry out now.
 */
import type { Words } from './words.ts'

export type Blame = 'unit' | 'operator' | 'bench' | 'cloud' | 'program'
export type Retry = 'never' | 'same-stage' | 'new-job' | 'after-action'
export interface FaultRow { readonly blame: Blame; readonly retry: Retry; readonly title: Words; readonly action: Words }

const row = (blame: Blame, retry: Retry, title: readonly [string, string], action: readonly [string, string]): FaultRow =>
  ({ blame, retry, title: { en: title[0], zh: title[1] }, action: { en: action[0], zh: action[1] } })

export const FAULTS = {
  // the unit
  'unit.silent': row('unit', 'new-job', ['No answer from the unit', '设备没有回应'], ['Check power and cable, then scan the unit again for one more attempt.', '检查电源和网线，然后重新扫描设备再试一次。']),
  'unit.refused': row('unit', 'new-job', ['The unit refused the token', '设备拒绝了令牌'], ['Reset the unit, wait for red blinking, then scan it again.', '复位设备，等红灯闪烁后重新扫描。']),
  'unit.not-reset': row('unit', 'new-job', ['The unit was not reset', '设备没有复位'], ['Hold the reset button until the light blinks red, then scan the unit again.', '按住复位键直到红灯闪烁，然后重新扫描设备。']),
  'unit.stuck-activating': row('unit', 'new-job', ['The unit keeps trying and stays bound', '设备一直在重试，仍然绑定'], ['Reset the unit, then scan it again; hold it after a second failure.', '复位设备后重新扫描；再次失败就放到待处理。']),
  'unit.conflict': row('unit', 'after-action', ['Two units claim the same name', '两台设备使用同一个标识'], ['Unplug both, then plug and scan them one at a time.', '把两台都拔下，然后逐台接入并扫描。']),
  'unit.two-cards': row('unit', 'after-action', ['One unit on two network cards', '一台设备接了两张网卡'], ['Leave one cable in the unit, pull the other, then scan the unit again.', '只留一根网线，拔掉另一根，然后重新扫描设备。']),
  'unit.id-copied': row('unit', 'after-action', ['Two units tell the same device id', '两台设备自报同一个设备 ID'], ['Unplug both, then plug and scan them one at a time.', '把两台都拔下，然后逐台接入并扫描。']),
  'unit.address-shared': row('unit', 'after-action', ['Two units speak from one address', '两台设备使用同一个地址'], ['Unplug both, then plug and scan them one at a time.', '把两台都拔下，然后逐台接入并扫描。']),
  'unit.address-changed': row('unit', 'same-stage', ['The address of the unit has changed', '设备的地址变了'], ['Leave the unit plugged in until a verdict shows.', '不要拔下设备，等结论显示。']),
  'unit.no-lease': row('unit', 'same-stage', ['Its address is not from this station', '地址不是本工作站分配的'], ['Unplug the unit for 5 seconds, so that it asks for an address again.', '拔下设备 5 秒钟，让它重新申请地址。']),
  'unit.unknown': row('operator', 'after-action', ['No unit has this name', '没有这个名称的设备'], ['Scan its label, or look for it by any part of its names.', '扫描它的标签，或用名称的任一部分查找。']),
  'unit.not-scanned': row('operator', 'after-action', ['Nobody has scanned this unit', '还没有人扫描这台设备'], ['Scan the label on the case; a token goes to units that are known.', '扫描机身标签；令牌只发给已知的设备。']),
  'unit.no-link': row('operator', 'after-action', ['Nothing is plugged in here', '这里没有接入设备'], ['Check power and cable of the unit; try another cable.', '检查设备的电源和网线；换一根网线试试。']),
  'unit.never-heard': row('unit', 'after-action', ['It has never announced itself', '设备从未自报'], ['Wait for its boot, then press reset: some models speak only when ready.', '等它启动后按复位键：有些型号只在可配对时才自报。']),
  'unit.not-understood': row('unit', 'after-action', ['Nothing it says makes sense', '设备所发内容都无法理解'], ['Take its power away and give it back; if that does not help, set it aside (CM:HOLD).', '断电再上电；仍如此则搁置（CM:HOLD）。']),
  'unit.gone-silent': row('unit', 'after-action', ['It was heard, and is silent now', '设备之前有信号，现在静默'], ['Check power and cable; a reset takes up to 90 seconds of silence.', '检查电源和网线；复位时最长静默 90 秒。']),
  'unit.tried-enough': row('unit', 'after-action', ['Tried twice, and not proven', '试了两次仍未证实'], ['Lead: read its history, then release the hold with a reason, or set it aside for good.', '组长：查看履历，填写原因后解除待处理，或放弃此设备。']),
  'unit.reset-again': row('unit', 'new-job', ['Its time for pairing is over', '设备的配网时间已过'], ['Reset the unit again; it goes on as soon as the cloud answers.', '请再次复位设备；云端恢复后自动继续。']),
  'unit.held': row('operator', 'after-action', ['The unit is on hold', '设备处于待处理状态'], ['Ask the lead to release the hold, or put the unit on the hold shelf.', '请组长解除待处理，或放到待处理货架。']),
  'unit.removed': row('operator', 'new-job', ['Taken away before it was asked', '询问之前被拿走'], ['Plug the unit in again and leave it until a verdict shows.', '重新接入设备，等结论显示后再拿走。']),
  'unit.not-seen-reading': row('unit', 'new-job', ['The camera never read the code', '摄像机没有读到二维码'], ['Clean the lens, move the camera nearer, reset it and show it the next wave.', '擦净镜头，移近摄像机，复位后参加下一波。']),
  // the cloud's answers
  'cloud.unreachable': row('cloud', 'same-stage', ['The cloud cannot be reached', '无法连接云端'], ['Leave the units powered; check the internet line of the station.', '让设备保持通电；检查工作站的网络。']),
  'cloud.no-permission': row('cloud', 'after-action', ['This account may not unbind the product', '账号无权解绑此产品'], ['Lead: ask the product owner for authorisation, then scan the unit again.', '组长：请产品所有者授权，然后重新扫描设备。']),
  'cloud.refused': row('cloud', 'after-action', ['The cloud said no', '云端拒绝'], ['Show the lead the code and the tid of this unit.', '把此设备的错误码和 tid 给组长看。']),
  'cloud.unknown-code': row('cloud', 'after-action', ['The cloud said something unknown', '云端返回未知结果'], ['Note the number, text and tid for the lead; set the unit aside.', '把编号、文字和 tid 交给组长；把设备放到一边。']),
  'cloud.key-invalid': row('cloud', 'after-action', ['The cloud refuses our key', '云端不接受我们的密钥'], ['Lead: enter the access id and secret of the account again.', '组长：重新输入账号的 access id 和密钥。']),
  'cloud.clock-wrong': row('bench', 'after-action', ['The clock of the station is wrong', '工作站时钟不对'], ['Lead: set the clock of this computer, or let it set itself from the internet.', '组长：校准电脑时钟，或打开自动对时。']),
  'cloud.busy': row('cloud', 'same-stage', ['The cloud asks us to wait', '云端要求等待'], ['Wait; the station asks again by itself.', '请等待；工作站会自动重试。']),
  'cloud.garbled': row('cloud', 'same-stage', ['The cloud answered nonsense', '云端的回答无法理解'], ['Wait; if it lasts, show the lead the log.', '请等待；如果持续，把日志给组长看。']),
  'cloud.subscription': row('cloud', 'after-action', ['The cloud plan does not cover this', '云端套餐不包含此功能'], ['Lead: renew or extend the API subscription of the account.', '组长：续订或扩展账号的 API 套餐。']),
  'cloud.other-centre': row('cloud', 'after-action', ['Suspected: bound in another data centre', '可能绑定在其他数据中心'], ['Set the unit aside for a batch of the data centre of its market.', '把设备放到一边，留给其所属数据中心的批次。']),
  'unit.bound-to-us': row('cloud', 'same-stage', ['Bound to our own account', '绑定在我们自己的账号上'], ['Leave it; the station lets it go by itself. No label before that.', '请等待；工作站会自动释放。在此之前不要贴标签。']),
  'product.first-alone': row('bench', 'same-stage', ['The first unit of a product runs alone', '新产品的第一台单独处理'], ['Wait for the verdict of the first unit; the others follow by themselves.', '等待第一台的结论；其他设备会自动继续。']),
  'relay.other-centre': row('operator', 'after-action', ['The code is of another data centre', '二维码属于其他数据中心'], ['State the account of this phone, or show a code of the stated account.', '请选择该手机的账号，或显示所选账号的二维码。']),
  'relay.which-account': row('operator', 'after-action', ['Whose code is it?', '这是哪个账号的二维码？'], ['State the account first: scan its AC: card or choose it, then scan the code again.', '请先扫描 AC: 卡或选择账号，再扫描二维码。']),
  'relay.next-code': row('operator', 'same-stage', ['The code from the phone is used up', '手机上的二维码已用完或过期'], ['Show the next code on the phone and scan it.', '在手机上显示下一个二维码并扫描。']),
  'relay.off': row('operator', 'after-action', ['Codes of the phone are not allowed', '尚未允许使用手机二维码'], ["Lead: read the vendor's terms and allow it under Codes of the phone.", '组长：阅读厂商条款，并在“手机二维码”中允许。']),
  'picture.no-code': row('operator', 'after-action', ['No code in this picture', '图片中没有二维码'], ['Go nearer, hold still, keep glare off the phone, and take it again.', '靠近一些，拿稳，避开手机屏幕反光，再拍一次。']),
  'picture.many-codes': row('operator', 'after-action', ['More than one code in the picture', '图片中有多个二维码'], ["Take the picture again with nothing but the phone's code in it.", '重新拍摄，画面中只保留手机的二维码。']),
  'picture.other-code': row('operator', 'after-action', ["That is not the phone's unbind code", '这不是手机的解绑二维码'], ["Open the unbind code in the vendor's app and take a picture of that.", '在厂商 App 中打开解绑二维码，再拍摄它。']),
  'picture.too-large': row('operator', 'after-action', ['The picture is too large', '图片太大'], ['Use a picture of at most 4 MiB and 16 megapixels, or take it nearer.', '使用不超过 4 MiB、1600 万像素的图片，或靠近拍摄。']),
  'picture.unreadable': row('operator', 'after-action', ['The picture cannot be read', '图片无法读取'], ['Use a whole PNG or JPEG picture, or take a new one.', '使用完整的 PNG 或 JPEG 图片，或重新拍摄。']),
  'press.late': row('operator', 'after-action', ['That took too long and was stopped', '耗时太长，已停止'], ['Try once more. A picture: take it again, with nothing but the code in it.', '请再试一次；若是图片，请只拍二维码，重新拍摄。']),
  'token.none': row('cloud', 'same-stage', ['No token has come', '没有收到令牌'], ['Look at the partner program that puts tokens into the exchange folder.', '检查向交换文件夹提供令牌的合作方程序。']),
  'account.sealed-elsewhere': row('operator', 'after-action', ['Sign in again', '请重新登录'], ['Lead: enter the secret of this account again; it was sealed by another program.', '组长：重新输入此账号的密钥；它由另一个程序加密。']),
  'account.unknown': row('operator', 'after-action', ['There is no such account', '没有这个账号'], ['Lead: look at the list of accounts, and add it there.', '组长：查看账号列表，并在那里添加。']),
  'account.not-removable': row('operator', 'after-action', ['This account cannot be changed now', '现在不能更改此账号'], ['Wait for its units to end, or change it in the configuration file.', '等它的设备处理完，或在配置文件中更改。']),
  'result.other-token': row('operator', 'after-action', ['That result is not of this unit', '该结果不属于此设备'], ['Choose a unit that was asked with the same code, or dismiss the result.', '选择用同一二维码询问过的设备，或忽略该结果。']),
  'result.none': row('operator', 'after-action', ['There is no such result', '没有这条结果'], ['Look at the list of unmatched results again.', '重新查看未匹配结果列表。']),
  'token.expired': row('cloud', 'new-job', ['The code was too old', '二维码已过期'], ['Reset the unit and use the fresh code; never a photo of it.', '复位设备并使用新二维码；不要用照片。']),
  'quota.account-spent': row('cloud', 'after-action', ["The account's 100 a day are used up", '账号今天的名额用完'], ['Shelve the unit for tomorrow, or ask the lead for another account.', '把设备留到明天，或请组长换账号。']),
  'quota.product-spent': row('cloud', 'after-action', ["The product's 100 a day are used up", '产品今天的名额用完'], ['Shelve the unit for tomorrow; take units of another product.', '把设备留到明天；先处理其他产品。']),
  'wifi.wrong': row('operator', 'new-job', ['The cameras cannot join the Wi-Fi', '摄像机连不上 Wi-Fi'], ['Lead: correct the Wi-Fi name and password, then start a new wave.', '组长：更正 Wi-Fi 名称和密码，然后开始新的一波。']),
  // the wave
  'wave.full': row('operator', 'after-action', ['This wave is full', '这一波已满'], ['Keep the camera for the next wave.', '把摄像机留到下一波。']),
  'wave.running': row('operator', 'after-action', ['A wave is still being shown', '上一波仍在显示'], ['Wait until it ends, or scan the STOP card.', '等它结束，或扫描“停止”卡。']),
  'wave.none': row('operator', 'after-action', ['There is no such wave', '没有这一波'], ['Look at the console for the running wave.', '在控制台查看正在进行的一波。']),
  'wave.not-named': row('operator', 'new-job', ['Released or not: it has no name', '没有标识，不知道是否已解绑'], ['Run the cameras again in halves, or scan a label that shows MAC or UUID.', '把摄像机分成两半重新进行，或扫描带 MAC 或 UUID 的标签。']),
  'wave.uninvited': row('operator', 'after-action', ['A camera outside the wave read the code', '波次之外的摄像机读了码'], ['Turn spare cameras away from the display, then start a wave of the rest.', '把多余的摄像机转开，然后为剩下的开始一波。']),
  'wave.empty': row('operator', 'after-action', ['No cameras are waiting', '没有等待的摄像机'], ['Scan the cameras first, then start the wave.', '先扫描摄像机，再开始。']),
  // the bench network
  'net.foreign-dhcp': row('bench', 'after-action', ['Another DHCP server is on the bench', '工作台上有另一个 DHCP 服务器'], ['Unplug the unit or cable with the address shown.', '拔下所示地址的设备或网线。']),
  'net.no-link': row('bench', 'after-action', ['The bench cable has no link', '工作台网线没有连接'], ['Check the cable from the station to the bench switch, and the power of the switch.', '检查工作站到工作台交换机的网线，以及交换机的电源。']),
  'net.card-gone': row('bench', 'after-action', ['The bench network card is gone', '工作台网卡不见了'], ['Plug the bench network card in again.', '重新插入工作台网卡。']),
  'net.card-not-found': row('bench', 'after-action', ['No such network card', '没有这个网卡'], ['Lead: choose one of the cards listed in the settings.', '组长：在设置里选择列出的网卡。']),
  'net.card-no-address': row('bench', 'after-action', ['The bench card lacks its address', '工作台网卡没有地址'], ['Lead: give the card the bench address; the line to type is shown.', '组长：给网卡设置工作台地址；命令如图所示。']),
  'net.office-card': row('bench', 'after-action', ['This card leads to the office', '这块网卡通向办公室网络'], ['Lead: choose the card of the bench switch, not the one with the internet.', '组长：选择工作台交换机的网卡，不要选有互联网的网卡。']),
  'net.port-taken': row('bench', 'after-action', ['Another program holds a port we need', '需要的端口被其他程序占用'], ['Lead: stop the program that holds the port shown.', '组长：停止占用所示端口的程序。']),
  'net.no-rights': row('bench', 'after-action', ['No right to open a low port', '没有打开低端口的权限'], ['Lead: type the line shown once, then start the station again.', '组长：输入所示命令一次，然后重新启动工作站。']),
  'lane.shared': row('operator', 'after-action', ['Two units on one lane', '一个工位上有两台设备'], ['Plug one of them into a lane of its own.', '把其中一台接到另一个工位。']),
  'switch.silent': row('bench', 'after-action', ['The bench switch does not answer', '工作台交换机没有回应'], ['Check the cable of the switch; lead: check its address and community.', '检查交换机的网线；组长：检查它的地址和 community。']),
  'net.unreachable': row('unit', 'same-stage', ['The unit does not take the connection', '设备不接受连接'], ['Check the cable of the unit.', '检查设备的网线。']),
  'net.way-out-unchecked': row('bench', 'same-stage', ['The way to the internet is being checked', '正在检查上网通路'], ['Wait; the station looks by itself.', '请等待；工作站会自动检查。']),
  'net.no-way-out': row('bench', 'after-action', ['Units cannot reach the internet', '设备无法连接互联网'], ['Lead: set up the way to the internet; the line to type is shown.', '组长：设置上网通路；命令如图所示。']),
  'net.gateway-failed': row('bench', 'after-action', ['The way out could not be set up', '无法设置上网通路'], ['Lead: read the reason shown, mend it and type the line again; nothing is left half made.', '组长：查看原因，处理后重新输入命令；没有留下半成品。']),
  'net.pool-full': row('bench', 'after-action', ['No address left for new units', '没有可分配的地址'], ['Unplug finished units; the lead can enlarge the pool.', '拔下已完成的设备；组长可以扩大地址池。']),
  'packet.malformed': row('unit', 'never', ['A packet made no sense', '数据包无法理解'], ['Nothing to do; it was counted and dropped.', '无需操作；已计数并丢弃。']),
  // exchange with the web
  'web.not-started': row('cloud', 'same-stage', ['The request did not go out', '请求没有发出'], ['Check the internet line; the station tries again.', '检查网络；工作站会重试。']),
  'web.unknown': row('cloud', 'same-stage', ['No whole answer came back', '没有收到完整的回答'], ['Wait; the station asks what became of it.', '请等待；工作站会查询结果。']),
  // ledger and sync
  'ledger.second-instance': row('bench', 'after-action', ['The station is already running', '工作站已经在运行'], ['Use the window that is open; close the other one first.', '使用已打开的窗口；先关闭另一个。']),
  'ledger.disk-full': row('bench', 'after-action', ['The disk is full', '磁盘已满'], ['Lead: free space on the disk; take no new units in until then.', '组长：清理磁盘；在此之前不要接入新设备。']),
  'ledger.cannot-open': row('bench', 'after-action', ['The ledger cannot be opened', '无法打开台账'], ['Lead: check that the data folder exists and may be written.', '组长：检查数据文件夹是否存在并可写。']),
  'ledger.newer': row('program', 'after-action', ['The ledger is from a newer program', '台账来自更新的程序'], ['Lead: start the newer version of the station.', '组长：启动更新版本的工作站。']),
  'wifi.testing': row('operator', 'after-action', ['A Wi-Fi test is running', '正在测试 Wi-Fi'], ['Wait a minute for its end, then start the next one.', '等一分钟测试结束，再开始下一个。']),
  'log.no-device': row('operator', 'never', ['The vendor knows no name of this unit', '没有此设备的涂鸦设备 ID'], ['Wait until the unit has announced its device id, or its result names one.', '等设备自报设备 ID，或结果中给出。']),
  'log.no-account': row('operator', 'never', ['No account can ask about this unit', '没有账号可以查询此设备'], ['Lead: look at the accounts; the one that asked must be there and open.', '组长：检查账号；发起请求的账号必须存在且可用。']),
  'archive.away': row('operator', 'after-action', ['Its history lies elsewhere', '其历史不在本机'], ['Put the file named here back into the archive folder beside the ledger.', '把这里列出的文件放回账本旁的 archive 文件夹。']),
  'ledger.retired': row('operator', 'after-action', ['This station has moved', '此工作站已迁移'], ['Use the new computer; here only history can be read.', '请使用新电脑；这里只能查看历史。']),
  'ledger.running': row('operator', 'after-action', ['A station is running on this data', '此数据上有工作站在运行'], ['Stop the station, then type the command again.', '先停止工作站，然后重新输入命令。']),
  'ledger.not-empty': row('operator', 'after-action', ['This data folder is already in use', '此数据文件夹已被使用'], ['Name an empty data folder with --data.', '用 --data 指定一个空的数据文件夹。']),
  'ledger.not-retired': row('operator', 'after-action', ['The old station has not moved out', '旧工作站尚未迁出'], ['Type: unbindery move out FOLDER at the old computer first.', '先在旧电脑上输入：unbindery move out 文件夹。']),
  'quota.gap': row('bench', 'after-action', ['Seats since the backup are unknown', '备份之后用掉的额度未知'], ['Wait until that day is over; its seats count as spent after a restore.', '等那一天结束；恢复后当天额度按已用完计算。']),
  'ledger.damaged': row('bench', 'after-action', ['The ledger is damaged', '台账已损坏'], ['Finish what is running; lead: stop the station and restore the last backup.', '完成正在处理的设备；组长：停止工作站并恢复最近的备份。']),
  'ledger.space-low': row('bench', 'after-action', ['The disk is nearly full', '磁盘快满了'], ['Lead: free 500 MB on the disk; what is running can still be finished.', '组长：在磁盘上腾出 500 MB；正在处理的可以完成。']),
  'clock.jumped': row('bench', 'after-action', ['The clock of the station jumped', '工作站时钟发生跳变'], ['Lead: look at the clock; new units wait until the cloud has told the time.', '组长：检查时钟；在云端给出时间之前新设备等待。']),
  'ledger.shut': row('program', 'after-action', ['The ledger is closed', '台账已关闭'], ['Start the station again.', '重新启动工作站。']),
  'sync.refused': row('bench', 'after-action', ['The receiver refuses our history', '接收方拒绝我们的记录'], ['Show the lead the row that was set aside.', '把被搁置的记录给组长看。']),
  'sync.unreachable': row('bench', 'same-stage', ['History waits to be delivered', '记录等待上传'], ['Nothing to do; it is kept and sent when the line is back.', '无需操作；已保存，网络恢复后发送。']),
  'certificate.refused': row('operator', 'after-action', ['No certificate for this unit', '此设备没有证书'], ['Look at the reason shown; only a proven, identified unit gets one.', '查看原因；只有已证明且已识别的设备才有证书。']),
  'certificate.unknown': row('operator', 'after-action', ['This certificate is not from here', '此证书不是本站签发'], ['Check the file itself with: unbindery verify FILE', '用 unbindery verify 文件 检查该文件本身。']),
  // labels and the printer
  'printer.none': row('operator', 'after-action', ['No label printer is set', '没有设置标签打印机'], ['Lead: set the address of the printer, or print the label as PDF.', '组长：设置打印机地址，或以 PDF 打印标签。']),
  'printer.unreachable': row('bench', 'same-stage', ['The label printer does not answer', '标签打印机没有响应'], ['Check its power and its cable; waiting labels print by themselves then.', '检查电源和网线；等待的标签随后会自动打印。']),
  'printer.no-paper': row('bench', 'same-stage', ['The printer is out of labels or ribbon', '标签纸或色带用完'], ['Put a new roll in and close the lid; waiting labels print by themselves then.', '装入新的纸卷并合上盖；等待的标签随后会自动打印。']),
  'printer.not-ready': row('bench', 'same-stage', ['The label printer is not ready', '标签打印机未就绪'], ['Look at its lid, paper and pause key; waiting labels print by themselves then.', '检查上盖、纸和暂停键；等待的标签随后会自动打印。']),
  'printer.stuck': row('bench', 'after-action', ['The printer stopped within a label', '打印机在打印中停住'], ['Look for a jam; if the label has not come out, print it again with the reason.', '检查是否卡纸；如果标签没有出来，写明原因后重新打印。']),
  'printer.queue-full': row('bench', 'after-action', ['Too many labels wait for the printer', '等待打印的标签太多'], ['Mend the printer first; then print the labels that are missing.', '先修好打印机；然后补打缺少的标签。']),
  'label.bad-formats': row('operator', 'after-action', ['The label formats have mistakes', '标签格式有错误'], ['Lead: correct the lines listed in labels.json, then start again.', '组长：更正 labels.json 中列出的行，然后重新启动。']),
  'label.refused': row('operator', 'after-action', ['No label for this unit now', '此设备现在没有标签'], ['Look at the reason shown; a label comes with the last word on an identified unit.', '查看原因；已识别的设备有最终结论后才有标签。']),
  'label.needs-reason': row('operator', 'after-action', ['This unit has a label already', '此设备已有标签'], ['Say why it is printed again; the old one becomes void.', '写明重新打印的原因；旧标签随即作废。']),
  'label.unknown': row('operator', 'after-action', ['This label is not from this station', '此标签不是本站打印'], ['Scan the label that came out of this printer, or the unit itself.', '扫描本打印机打印的标签，或扫描设备本身。']),
  'label.void': row('operator', 'after-action', ['This label is void', '此标签已作废'], ['Take the label off the box and destroy it; scan the unit for what comes next.', '把标签从包装上撕下销毁；扫描设备查看下一步。']),
  // configuration and door
  'config.invalid': row('operator', 'after-action', ['The configuration has mistakes', '配置有错误'], ['Lead: correct the keys listed, then start again.', '组长：更正列出的项目，然后重新启动。']),
  'setting.refused': row('operator', 'after-action', ['This value is not allowed', '不允许使用这个值'], ['Look at what is allowed beside the setting, and enter another value.', '查看该设置旁边允许的范围，然后输入另一个值。']),
  'setting.of-file': row('operator', 'after-action', ['Only the configuration file sets this', '只能在配置文件中设置'], ['Change it in the configuration file, then start the station again.', '在配置文件中更改，然后重新启动工作站。']),
  'setting.pin-again': row('operator', 'after-action', ['This setting is dangerous', '这是危险设置'], ['Type the PIN of your own admin badge beside the value, then change it.', '在数值旁边输入自己的管理员 PIN，然后更改。']),
  'setting.left-out': row('operator', 'after-action', ['Started without its own settings', '启动时未使用本站的设置'], ['Lead: put right or reset the settings named here, then start the station again.', '组长：更正或恢复这里列出的设置，然后重新启动工作站。']),
  'dhcp.self-test': row('bench', 'after-action', ['The self-test lease failed', '自测租约失败'], ['Look at the card and its cable on the Network page, then try the step again.', '在“网络”页检查网卡和网线，然后重新测试此步骤。']),
  'ready.not-tried': row('operator', 'after-action', ['Not every step has been tried', '还有步骤没有测试'], ['Try each step, or skip it; a failed one must be mended first.', '逐项测试或跳过；失败的步骤必须先处理。']),
  'ready.no-hands': row('operator', 'never', ['The station cannot try this by itself', '工作站无法自己测试此项'], ['Do what the step says, then tell what came of it.', '按步骤操作，然后说明结果。']),
  'ready.failed': row('bench', 'after-action', ['The step of the checklist failed', '检查步骤未通过'], ['Look at what was found beside the step, mend it, and try the step again.', '查看该步骤旁边的结果，处理后再测试一次。']),
  'ready.late': row('bench', 'after-action', ['The check took too long', '检查用时过长'], ['Try this step by itself; if it is late again, show the lead the log.', '单独测试此步骤；如果仍然超时，把日志给组长看。']),
  'config.lost': row('operator', 'after-action', ['The configuration file is missing', '配置文件丢失'], ['Lead: start with --config FILE; this data folder belongs to a live bench.', '组长：用 --config FILE 启动；此数据文件夹属于正式工作台。']),
  'door.unknown': row('program', 'never', ['No such command', '没有这个命令'], ['Reload the page; it may be from another version.', '重新加载页面；可能是其他版本。']),
  'door.invalid': row('program', 'never', ['A command was malformed', '命令格式不对'], ['Reload the page and try again.', '重新加载页面后重试。']),
  'door.no-station': row('operator', 'after-action', ['No station is running here', '这里没有运行中的工作站'], ['Start the station with: npm start', '用 npm start 启动工作站。']),
  // scans
  'scan.unreadable': row('operator', 'after-action', ['The scan made no sense', '扫描内容无法识别'], ['Scan the label once more; hold the scanner nearer.', '再扫描一次；把扫描枪靠近一些。']),
  'scan.not-one-unit': row('operator', 'after-action', ['This code is not of one single unit', '此码不属于单台设备'], ['Scan the code with the serial number or the MAC of the unit.', '请扫描设备上带序列号或 MAC 的码。']),
  'scan.unknown-command': row('operator', 'after-action', ['No such command card', '没有这个命令卡'], ['Use a command card printed by this station.', '使用本工作站打印的命令卡。']),
  // people
  'person.needs-lead': row('operator', 'after-action', ['A lead has to do this', '需要组长操作'], ["Scan a lead's badge and type its PIN; the work goes on meanwhile.", '扫描组长工牌并输入 PIN；其间工作照常进行。']),
  'person.needs-admin': row('operator', 'after-action', ['An admin has to do this', '需要管理员操作'], ["Scan an admin's badge and type its PIN; the work goes on meanwhile.", '扫描管理员工牌并输入 PIN；其间工作照常进行。']),
  'person.no-admin': row('operator', 'after-action', ['Nobody here is an admin yet', '还没有管理员'], ['Enter the first admin, with a PIN, in the settings under People.', '在设置的“人员”里登记第一位管理员及其 PIN。']),
  'person.second-badge': row('operator', 'after-action', ['Two people release a hold', '解除待处理需要两人'], ['Scan the badge of an operator, then the badge of a lead who is somebody else.', '先扫描操作员工牌，再扫描另一位组长的工牌。']),
  'person.pin-wrong': row('operator', 'after-action', ['The PIN is wrong', 'PIN 不对'], ['Type the PIN once more; after five wrong ones the badge is locked for a while.', '再输入一次 PIN；错五次后工牌会锁定一段时间。']),
  'person.pin-missing': row('operator', 'after-action', ['This badge needs a PIN', '此工牌需要 PIN'], ['Admin: give the badge a PIN of 4 to 12 digits.', '管理员：为此工牌设置 4 到 12 位数字的 PIN。']),
  'person.locked': row('operator', 'after-action', ['The badge is locked', '工牌已锁定'], ['Wait for the minutes shown, or ask another lead; an admin can set a new PIN.', '等待所示分钟，或找另一位组长；管理员可以设置新 PIN。']),
  'person.exists': row('operator', 'after-action', ['This badge is on record already', '此工牌已登记'], ['Change the person in the list, or use another badge.', '在列表中更改此人，或使用另一个工牌。']),
  'person.unknown': row('operator', 'after-action', ['This badge is not on record', '此工牌没有登记'], ['Look at the list of people; what came with training cannot be changed.', '查看人员列表；培训自带的人员不能更改。']),
  'person.last-admin': row('operator', 'after-action', ['The last admin has to stay', '必须保留最后一位管理员'], ['Enter another admin first.', '先登记另一位管理员。']),
  // serial
  'serial.no-port': row('bench', 'after-action', ['The serial adapter is not there', '串口适配器不在'], ['Plug the serial adapter in again.', '重新插入串口适配器。']),
  'serial.no-rights': row('bench', 'after-action', ['No right to use the serial adapter', '没有使用串口适配器的权限'], ['Lead: add this user to the group dialout, then sign in again.', '组长：把此用户加入 dialout 组，然后重新登录。']),
  'serial.busy': row('bench', 'after-action', ['Another program holds the adapter', '串口适配器被其他程序占用'], ['Lead: close the terminal program that uses the adapter shown.', '组长：关闭正在使用所示适配器的终端程序。']),
  'serial.garbage': row('bench', 'after-action', ['The console speaks gibberish', '控制台输出乱码'], ['Lead: check the speed, then the wires RX, TX and ground of the console.', '组长：检查波特率，然后检查 RX、TX 和地线。']),
  'serial.role-taken': row('operator', 'after-action', ['The adapter has another role', '此适配器已有其他用途'], ['Lead: free the adapter from its role first, or choose another one.', '组长：先解除此适配器的用途，或选择另一个。']),
  'console.silent': row('unit', 'new-job', ['The console says nothing', '控制台没有输出'], ['Check the power of the unit and the console wires, then scan the unit again.', '检查设备电源和控制台接线，然后重新扫描设备。']),
  'console.no-prompt': row('unit', 'new-job', ['The console never came to its prompt', '控制台没有出现提示符'], ['Switch the unit off and on, then scan it again; else reset it by its button.', '将设备断电再上电并重新扫描；不行就用复位键。']),
  'console.echo-wrong': row('bench', 'new-job', ['The console loses letters', '控制台丢失字符'], ['Lead: shorten the console wires and join the grounds, then scan the unit again.', '组长：缩短控制台接线并接好地线，然后重新扫描设备。']),
  'console.failed': row('unit', 'new-job', ['The unit reported a failed command', '设备报告命令失败'], ['Reset the unit by its button, then scan it again; show the lead the words.', '用复位键复位设备后重新扫描；把提示文字给组长看。']),
  'console.in-use': row('operator', 'after-action', ['The console is in use', '控制台正在使用'], ['Wait for the recipe to end, or end the terminal; then try again.', '等待配方结束，或关闭终端，然后重试。']),
  'recipe.invalid': row('operator', 'after-action', ['The recipe has mistakes', '复位配方有错误'], ['Lead: correct the lines listed in the recipe file.', '组长：更正配方文件中列出的行。']),
  'power.untrusted': row('bench', 'after-action', ['The power switch is not proven yet', '电源开关尚未验证'], ['Lead: run the test pulse of the lane and watch its lamp go off and on.', '组长：运行此工位的测试脉冲，看指示灯灭后再亮。']),
  // hand-over
  'handover.not-held': row('operator', 'after-action', ['This unit is not on hold', '此设备不在待处理中'], ['Scan one of the held units in the list.', '扫描列表中的一台待处理设备。']),
  'handover.holds-open': row('operator', 'after-action', ['Not every hold was acknowledged', '还有待处理未确认'], ['Scan each held unit in the list, then sign.', '逐一扫描列表中的待处理设备，然后签字。']),
  // training
  'training.not-kept': row('operator', 'never', ['Training keeps no backups', '培训模式不做备份'], ['Nothing to do: each start in training begins a new history.', '无需操作：每次启动培训都会开始新的历史。']),
  'training.only': row('operator', 'after-action', ['Only training has this', '仅培训模式可用'], ['Start the station in training to practise; the live bench is for work.', '请以培训模式启动工作站来练习；正式工作台只用于生产。']),
  'training.no-badge': row('operator', 'after-action', ['Whose exercise is it?', '这是谁的练习？'], ['Scan your badge, then begin the exercise.', '请先扫描工牌，再开始练习。']),
  'training.running': row('operator', 'after-action', ['An exercise is running', '练习正在进行'], ['Finish the exercise, or stop it, then go on.', '完成或停止当前练习后再继续。']),
  'training.not-now': row('operator', 'after-action', ['Only watch for the moment', '现在只需观看'], ['Wait until the exercise says that it is your turn.', '请等待，直到练习提示轮到您操作。']),
  // ours
  'station.stopped': row('operator', 'new-job', ['The station was stopped', '工作站已停止'], ['Start the station; the job goes on by itself.', '启动工作站；任务会自动继续。']),
  'program.unexpected': row('program', 'after-action', ['Something unexpected happened', '发生意外'], ['Go on with other units and show the lead this card.', '继续处理其他设备，并把此卡给组长看。'])
} as const satisfies Record<string, FaultRow>

export type FaultCode = keyof typeof FAULTS

/** A fault as it crosses the door and lies in the ledger: data, never a message string. */
export interface FaultView {
  readonly code: FaultCode
  readonly context: Readonly<Record<string, string | number>>
}
