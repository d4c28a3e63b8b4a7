// table
/** Words of labels, certificates, cards and the printer. */
import { type Group, words } from './words.ts'

export const PAPER = {
  'lamp.printer': words('Printer', '打印机'),
  'scan.label': words('Label', '标签'),
  'scan.certificate': words('Certificate', '证书'),
  'paper.certificate': words('Certificate (PDF)', '证书 (PDF)'),
  'paper.label': words('Label (PDF)', '标签 (PDF)'),
  'paper.picklist': words('Pick list for tomorrow (PDF)', '明日拣货单 (PDF)'),
  'label.print': words('Print label', '打印标签'),
  'label.again': words('Print label again', '重新打印标签'),
  'label.void': words('Void label', '作废标签'),
  'label.on': words('sticks on the box,', '已贴在包装上，'),
  'label.off': words('not scanned back yet,', '尚未回扫，'),
  'label.why': words('Printing again and voiding need a reason.', '重新打印和作废需要填写原因。'),
  'printing.address': words('Printer', '打印机'),
  'printing.none': words('none is set', '未设置'),
  'printing.size': words('Label', '标签尺寸'),
  'printing.waiting': words('Waiting', '等待打印'),
  'printing.sent': words('Handed over', '已送打印'),
  'printing.well': words('The printer is well.', '打印机正常。'),
  'printing.files': words('Without a printer, labels are files.', '没有打印机时，标签以文件提供。'),
  'printing.test': words('Print a test label', '打印测试标签'),
  'printing.sample': words('The same in true size (PDF)', '同样的标签，实际尺寸 (PDF)'),
  'printing.testing': words('On its way; look at the printer.', '已发送；请看打印机。'),
  'printing.tested': words('The printer took it.', '打印机已接收。'),
  'cards.label': words('Cards to scan', '扫描卡片'),
  'cards.what': words('Deck', '卡组'),
  'cards.names': words('Names, one a line', '名称，每行一个'),
  'cards.make': words('Make the cards (PDF)', '生成卡片 (PDF)'),
  'cards.commands': words('Commands', '命令'),
  'cards.lights': words('Lamps of a camera', '摄像机指示灯'),
  'cards.reasons': words('Reasons', '原因'),
  'cards.ports': words('Lanes', '工位'),
  'cards.badges': words('Badges', '工牌'),
  'cards.totes': words('Totes', '周转箱')
} as const satisfies Group
