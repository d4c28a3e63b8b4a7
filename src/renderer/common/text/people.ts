// table
/** Words of badges, roles and PINs. */
import { words, type Group } from './words.ts'

export const PEOPLE = {
  'set.people': words('People', '人员'),
  'role.operator': words('Operator', '操作员'),
  'role.lead': words('Lead', '组长'),
  'role.admin': words('Admin', '管理员'),
  'pin.label': words('Badge and PIN', '工牌和 PIN'),
  'pin.scan-lead': words('Scan the badge of a lead', '请扫描组长工牌'),
  'pin.scan-admin': words('Scan the badge of an admin', '请扫描管理员工牌'),
  'pin.pin': words('PIN', 'PIN 码'),
  'pin.back': words('Take back one digit', '删除一位'),
  'pin.back-key': words('←', '←'),
  'pin.enter': words('Enter', '确定'),
  'pin.left': words('{n} min', '{n} 分钟'),
  'people.label': words('People', '人员'),
  'people.rule': words('A badge that is not listed is an operator.', '未列出的工牌是操作员。'),
  'people.badge': words('Badge', '工牌'),
  'people.name': words('Name', '姓名'),
  'people.role': words('Role', '角色'),
  'people.vendor': words("Vendor's role", '厂商角色'),
  'people.competence': words('Training', '培训'),
  'people.locked': words('locked until {time}', '锁定到 {time}'),
  'people.nobody': words('Nobody yet. Enter the first admin, with a PIN.', '还没有人。请登记第一位管理员及其 PIN。'),
  'people.of-training': words('of training', '培训自带'),
  'people.given': words('{name}: scan {badge}, PIN {pin}', '{name}：扫描 {badge}，PIN {pin}'),
  'people.language': words('Language', '语言'),
  'people.language.as-is': words('as it is', '不变'),
  'people.language.en': words('English', '英语'),
  'people.language.zh': words('Chinese', '中文'),
  'people.add': words('Enter person', '登记人员'),
  'people.change': words('Change person', '更改人员')
} as const satisfies Group
