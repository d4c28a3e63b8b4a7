/** The handlers of what is printed: certificate, label, cards, pick list, hand-over sheet; and the label printer. Every paper is one answer, as base64. */
import { counted, FAULTS, OUTCOMES, PAPER_BYTES_MAX, STAGES, type CertificateView, type DoorName, type FaultView, type HandoverView, type Instant, type Lamp, type LampName, type Mode, type Outcome, type PaperView, type Stage, type UnitId, type UnitView, type Words } from '#shared'
import type { LabelDesk } from '../bench/label-desk.ts'
import type { Ledger } from '../bench/ledger.ts'
import { cardsOf } from '../bench/paper/card-words.ts'
import type { ListColumn, ListDraft, ListSection } from '../bench/paper/list-sheet.ts'
import type { PaperDraft, Press } from '../bench/paper/press.ts'
import type { Printer } from '../bench/printer.ts'
import { Fault } from '../domain/fault.ts'
import type { Catalogue } from '../domain/product.ts'
import { nameOf, type Unit } from '../domain/unit.ts'
import type { Clock } from '../ports.ts'
import type { Handlers } from './gate.ts'
import { unitNamed } from './record-answers.ts'

const READS = ['cards.paper', 'picklist.paper', 'handover.paper'] as const satisfies readonly DoorName[]
const ACTS = ['certificate.paper', 'label.print', 'label.paper', 'label.void', 'printer.view', 'printer.test', 'printer.sample'] as const satisfies readonly DoorName[]
type Reads = Pick<Handlers, (typeof READS)[number]>
type Acts = Pick<Handlers, (typeof ACTS)[number]>
export type PaperHandlers = Reads & Acts

export interface PaperSources {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly catalogue: Catalogue
  readonly mode: Mode
  readonly press: Press
  readonly handover: Handlers['handover.view']
  readonly lamps: () => readonly Lamp[]
  readonly signal: AbortSignal
}
export interface PaperActs {
  readonly labels: LabelDesk
  readonly printer: Printer
  readonly certify: (unit: UnitId) => Promise<CertificateView>
  readonly view: (unit: Unit) => UnitView
}

/** Rows of one table; all are counted. */
const ROWS_MAX = 400

export function paperReaders(s: PaperSources): Reads {
  const at = s.clock.now.bind(s.clock)
  return {
    'cards.paper': async ({ what, names = [] }) => {
      if ((what === 'badges' || what === 'totes') && names.length === 0) throw new Fault('door.invalid', { text: `${what} need names` })
      return await paper(s, `cards-${what}`, { kind: 'cards', cards: cardsOf(what, names), mode: s.mode, at: at() })
    },
    'picklist.paper': async () => await paper(s, `picklist-${dayOf(at())}`, { kind: 'list', ...pickList(s) }),
    'handover.paper': async (_nothing, by) => await paper(s, `handover-${dayOf(at())}`, { kind: 'list', ...handoverSheet(s, await s.handover({}, by)) })
  }
}

export function paperActs(s: PaperSources, { labels, printer, certify, view }: PaperActs): Acts {
  const named = (text: string): Unit => unitNamed(s.ledger, text)
  const seen = (uid: UnitId): UnitView => view(unitNamed(s.ledger, uid))
  return {
    'certificate.paper': async ({ unit }) => {
      const { id, text } = await certify(named(unit).uid)
      return await paper(s, `certificate-${id}`, { kind: 'certificate', text })
    },
    'label.print': ({ unit, reason }) => {
      const { uid } = named(unit)
      labels.print(uid, reason ?? null)
      return seen(uid)
    },
    'label.paper': async ({ unit, reason }) => {
      const content = labels.paper(named(unit).uid, reason ?? null)
      return await paper(s, `label-${(content.code ?? '').slice(3)}`, { kind: 'label', content, size: labels.size, at: s.clock.now() })
    },
    'label.void': ({ unit, reason }) => {
      const { uid } = named(unit)
      labels.cancel(uid, reason)
      return seen(uid)
    },
    'printer.view': () => printer.view(),
    'printer.test': () => {
      labels.test()
      return printer.view()
    },
    'printer.sample': async () => await paper(s, 'label-sample', { kind: 'label', content: labels.sample(), size: labels.size, at: s.clock.now() })
  }
}

/** For a station that does not run. */
export function paperRefusals(): Acts {
  const refuse = (): never => { throw new Fault('door.no-station') }
  return { 'certificate.paper': refuse, 'label.print': refuse, 'label.paper': refuse, 'label.void': refuse, 'printer.view': refuse, 'printer.test': refuse, 'printer.sample': refuse }
}

async function paper({ press, signal }: PaperSources, name: string, draft: PaperDraft): Promise<PaperView> {
  const bytes = await press.print(draft, signal)
  if (bytes.length > PAPER_BYTES_MAX) throw new Fault('program.unexpected', { text: `${name} has ${bytes.length} bytes` })
  return { name: `${name}.pdf`, type: 'application/pdf', base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }
}

const words = (en: string, zh: string): Words => ({ en, zh })
const column = (share: number, en: string, zh: string): ListColumn => ({ share, words: words(en, zh) })
const dayOf = (at: Instant): string => new Date(at).toISOString().slice(0, 10)
const minuteOf = (at: Instant): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
const titleOf = (fault: FaultView | null | undefined): string => fault ? `${FAULTS[fault.code].title.en}  ${FAULTS[fault.code].title.zh}` : ''
const both = ({ en, zh }: Words): string => en === zh ? en : `${en}  ${zh}`

function section(heading: Words, columns: readonly ListColumn[], rows: readonly (readonly string[])[]): ListSection {
  return { heading, columns, rows: rows.slice(0, ROWS_MAX), more: Math.max(0, rows.length - ROWS_MAX) }
}

/** Units that have the state *tomorrow*, oldest first: what to fetch, and from where. */
function pickList({ clock, ledger, catalogue, mode }: PaperSources): ListDraft {
  const units = ledger.unitsPostponed().filter(u => u.hold === null).toSorted((a, b) => a.metAt - b.metAt || (a.uid < b.uid ? -1 : 1))
  const rows = units.map((unit, i) => {
    const fault = ledger.job(unit.job)?.fault ?? null
    return [String(i + 1), dayOf(unit.metAt), unit.tote ?? '?', nameOf(unit), both(catalogue.nameOf(unit.product) ?? words('unknown', '未知')), titleOf(fault)]
  })
  const at = clock.now()
  return {
    title: words('Pick list for tomorrow', '明日拣货单'), at, mode, foot: [],
    about: [`${minuteOf(at)}   ${counted(units.length, 'unit')}, oldest first  共 ${units.length} 台，先到先处理`, 'They are released by the new day: plug them in, no button is needed.  新的一天会自动处理：接上即可，无需按键。'],
    sections: [section(words('Units', '设备'), [column(1, 'No.', '序号'), column(2.2, 'Since', '到达'), column(2.6, 'Tote', '周转箱'), column(3, 'Unit', '设备'), column(3.6, 'Product', '产品'), column(4, 'Why', '原因')], rows)]
  }
}

const STATES: Readonly<Record<Exclude<Stage, 'closed'> | Outcome, Words>> = {
  queued: words('queued', '排队'), resetting: words('resetting', '复位中'), ready: words('ready', '就绪'), asked: words('unbind asked', '已请求解绑'), proving: words('proving', '求证中'),
  proven: words('proven', '已证实'), refused: words('refused', '被拒绝'), unproven: words('unproven', '未证实'), broken: words('broken', '工作台故障'), withdrawn: words('withdrawn', '已取走')
}
const LAMP_WORDS: Readonly<Record<LampName, Words>> = {
  cloud: words('cloud', '云端'), card: words('bench card', '工作台网卡'), guard: words('DHCP guard', 'DHCP 守卫'), clock: words('clock', '时钟'), sync: words('history', '记录上传'), scanner: words('scanner', '扫描枪'),
  display: words('rack display', '货架显示屏'), internet: words('units to internet', '设备上网'), ledger: words('ledger', '台账'), printer: words('label printer', '标签打印机')
}

function handoverSheet({ clock, mode, lamps, catalogue }: PaperSources, v: HandoverView): ListDraft {
  const at = clock.now()
  const states = [...STAGES.filter(s => s !== 'closed').map(s => [both(STATES[s]), String(v.queue[s])]), ...OUTCOMES.map(o => [both(STATES[o]), String(v.outcomes[o])])]
  const holds = v.holds.map(({ unit, acknowledgedAt, acknowledgedBy }) => [
    unit.name, both(catalogue.nameOf(unit.product) ?? words('unknown', '未知')), unit.tote ?? '?', unit.hold ? minuteOf(unit.hold.at) : '', unit.hold?.owner ?? '', unit.hold?.reason ?? '',
    acknowledgedAt === null ? '[   ]' : `${acknowledgedBy ?? ''} ${minuteOf(acknowledgedAt).slice(11, 16)}`
  ])
  const quota = v.quota.map(q => [q.scope === 'account' ? 'account 账号' : 'product 产品', both(q.name), String(q.spent), String(q.reserved), String(Math.max(0, q.cap - q.spent - q.reserved))])
  const sync = v.sync.map(s => [s.destination, `${s.acked} / ${s.last}`, String(s.last - s.acked), s.oldestUnsentAt === null ? '–' : `${Math.max(0, Math.round((at - s.oldestUnsentAt) / 60_000))} min`, String(s.aside), titleOf(s.fault)])
  const faults = lamps().filter(l => l.state === 'warn' || l.state === 'bad').map(l => [both(LAMP_WORDS[l.name]), titleOf(l.fault) || l.state])
  return {
    title: words('Shift hand-over', '交接班'), at, mode,
    about: [`${minuteOf(at)}   station 工作站 ${v.station}   operator 操作员 ${v.operator ?? 'nobody'}`, v.last ? `last hand-over 上次交接 ${minuteOf(v.last.at)}   ${v.last.by ?? 'nobody'}` : 'no hand-over before  首次交接'],
    sections: [
      section(words('Units by state', '设备状态'), [column(3, 'State', '状态'), column(1, 'Units', '数量')], states),
      section(words('Open holds, each taken over by the next lead', '未结搁置，逐项由接班组长确认'), [column(2.2, 'Unit', '设备'), column(2.2, 'Product', '产品'), column(1.6, 'Tote', '周转箱'), column(2, 'Since', '开始'), column(1.6, 'Owner', '责任人'), column(3.4, 'Reason', '原因'), column(2, 'Taken over', '确认')], holds),
      section(words('Quota', '额度'), [column(1.6, 'Of', '类别'), column(3, 'Name', '名称'), column(1, 'Spent', '已用'), column(1, 'Reserved', '预留'), column(1, 'Left', '剩余')], quota),
      section(words('History not yet delivered', '未上传记录'), [column(2, 'Destination', '目的地'), column(2, 'Delivered', '已上传'), column(1.4, 'Owed', '未传'), column(1.8, 'Oldest', '最久'), column(1.6, 'Set aside', '搁置'), column(3.4, 'Fault', '故障')], sync),
      section(words('What is not well', '异常'), [column(2, 'Part', '部件'), column(5, 'Cause', '原因')], faults)
    ],
    foot: [`Chain head, to be read out  链头（请朗读核对）:  fact ${v.chain.seq}`, v.chain.hash, 'Handed over by  交班人 ______________________     Taken over by  接班人 ______________________']
  }
}
