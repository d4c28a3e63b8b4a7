/**
 * The release certificate as one page: the picture of the signed JSON, which is attached and alone counts. Says what it
 * proves, how well, and what it does not prove, in English and Chinese.
 */
import type { Grade, Words } from '#shared'
import { DOES_NOT_PROVE, GRADES, type CertificateDraft } from '../../wire/certificate.ts'
import { leafHash } from '../../wire/chain.ts'
import { A4, Sheet } from './sheet.ts'

export const ATTACHED_NAME = 'certificate.json'
const NAMES_MAX = 6
const EVIDENCE_MAX = 7
const [LEFT, WIDTH] = [18, A4.widthMm - 36]

const GRADES_ZH: Readonly<Record<Grade, string>> = {
  A: '厂商云端有记录，并且在网络上观察到', B: '厂商云端有记录，或在网络上观察到只能表示解绑的状态变化', C: '由人员陈述'
}
const DOES_NOT_PROVE_ZH: Readonly<Record<(typeof DOES_NOT_PROVE)[number], string>> = {
  'that data was erased: releasing a unit from its account removes no recording and no picture from it': '数据已被清除：解绑不等于清除数据，设备中的录像和图片不会因此删除',
  'that the unit works, or that it is free of faults': '设备能正常工作或没有故障',
  'that nobody binds it again after the time of the proof': '在证明时间之后没有人再次绑定它'
}
const CHECK: Words = {
  en: `This page is a picture. The signed document is the attached ${ATTACHED_NAME}; check it with "unbindery verify FILE" or with verify.html, both without a network, and a public key of the station from a source you trust.`,
  zh: `本页只是图示。有效文件是附件 ${ATTACHED_NAME}；请用 “unbindery verify 文件” 或 verify.html 离线核验，并使用来源可信的工作站公钥。`
}

/** What the QR code says: a scan of it at the station shows the unit. Upper case makes the code smaller. */
export function certificateCode(id: string, text: string): string {
  return `RC:${id}:${Buffer.from(leafHash(new TextEncoder().encode(text))).toString('hex').slice(0, 32)}`.toUpperCase()
}

/** `text`: as signed by this station a moment ago. */
export async function certificateSheet(text: string, font: Uint8Array): Promise<Uint8Array> {
  const draft = JSON.parse(text) as CertificateDraft & { readonly signature: string } // our own, just made
  const at = Date.parse(draft.times.issued)
  const sheet = new Sheet(font, { ...A4, title: `Release certificate ${draft.id}`, at })
  const isTraining = draft.mode === 'training'
  if (isTraining) sheet.box(0, 0, A4.widthMm, 9, { fill: '#b00020' })
  if (isTraining) sheet.text('TRAINING: this unit does not exist   培训：此设备不存在', LEFT, 1.8, { size: 11, width: WIDTH, colour: '#ffffff', isBold: true })
  let y = sheet.text('Release certificate  解绑证书', LEFT, 18, { size: 22, width: 128, isBold: true })
  y = sheet.text(draft.id, LEFT, y + 1, { size: 9, width: 128, colour: '#555555' })
  sheet.qr(certificateCode(draft.id, text), LEFT + WIDTH - 34, 17, 34)
  y = verdict(sheet, draft, y + 5)
  y = facts(sheet, draft, Math.max(y, 58) + 2)
  y = limits(sheet, y + 3)
  sheet.texts([CHECK.en, CHECK.zh], LEFT, Math.max(y + 3, 262), { size: 8, width: WIDTH, lines: 2, colour: '#333333' })
  sheet.text(`${draft.station.software}   ed25519 ${draft.signature.slice(0, 44)}${draft.signature.length > 44 ? '…' : ''}`, LEFT, 285, { size: 6.5, width: WIDTH, colour: '#777777' })
  if (isTraining) sheet.stamp('TRAINING 培训', A4.widthMm, A4.heightMm)
  sheet.attach(ATTACHED_NAME, new TextEncoder().encode(text), 'The signed certificate', at)
  return await sheet.end()
}

function verdict(sheet: Sheet, { result }: CertificateDraft, y: number): number {
  sheet.ring(LEFT, y, 13, { stroke: '#0a7a33', line: 1.1 })
  sheet.path('M7 12.5 l3.4 3.6 L17 8.4', LEFT, y, 13, { stroke: '#0a7a33', line: 2.2 })
  const right = { size: 9, width: 108, lines: 2 }
  const below = sheet.text(`Released, grade ${result.grade}  已解绑，等级 ${result.grade}`, LEFT + 17, y - 0.5, { size: 15, width: 108, isBold: true })
  return sheet.texts([`${result.grade}: ${GRADES[result.grade]}`, `${result.grade}：${GRADES_ZH[result.grade]}`], LEFT + 17, below, right)
}

function facts(sheet: Sheet, d: CertificateDraft, from: number): number {
  const names = d.unit.names.slice(0, NAMES_MAX).map(n => `${n.kind} ${n.value}`)
  const more = (all: number, max: number): readonly string[] => all > max ? [`… +${all - max}`] : []
  const evidence = d.evidence.slice(-EVIDENCE_MAX).map(e => `${e.at}  ${e.kind}${e.active === undefined ? '' : ` active ${e.active}`}${e.tid === undefined ? '' : `  tid ${e.tid}`}`)
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Unit  设备', [...names, ...more(d.unit.names.length, NAMES_MAX)]], ['Product  产品', [`${d.unit.productName}  (${d.unit.product})`]], ['Method  方式', [d.method === 'qr' ? 'QR code  二维码' : 'wired  有线']],
    ['Proven at  证明时间', [d.result.provenAt]], ['Evidence  证据', [...evidence, ...more(d.evidence.length, EVIDENCE_MAX)]],
    ['Times  时间', [`met ${d.times.met}   opened ${d.times.opened}`, `asked ${d.times.asked}   closed ${d.times.closed}`, `issued ${d.times.issued}`]],
    ['Attempts, stays  次数', [`${d.attempts}, ${d.stays}`]], ['Operator  操作员', [d.operator]], ['Account  账号', [`${d.account}  (keyed hash 加密摘要)`]],
    ['Station  工作站', [d.station.id, `key ${d.station.key}`]], ['History  记录', [`fact ${d.log.seq}, chain`, d.log.chain]]
  ]
  let y = from
  for (const [name, values] of rows) {
    sheet.line(LEFT, y - 0.6, LEFT + WIDTH, y - 0.6, { colour: '#dddddd' })
    sheet.text(name, LEFT, y, { size: 8.5, width: 40, colour: '#555555' })
    y = sheet.texts(values.length > 0 ? values : ['–'], LEFT + 42, y, { size: 8.5, width: WIDTH - 42 }) + 1.2
  }
  return y
}

function limits(sheet: Sheet, from: number): number {
  let y = sheet.text('What it does not prove  本证书不证明', LEFT, from, { size: 11, width: WIDTH, isBold: true })
  for (const limit of DOES_NOT_PROVE) y = sheet.texts([`–  ${limit}`, `    ${DOES_NOT_PROVE_ZH[limit]}`], LEFT, y + 0.4, { size: 8.5, width: WIDTH })
  return y
}
