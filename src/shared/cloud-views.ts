/** What a screen can see of the cloud side: accounts and what they may do, the day's plan, results nobody has claimed. No secret is among it. */
import type { FaultView } from './faults.ts'
import type { ClockView } from './views.ts'
import type { Instant, UnitId, Words } from './words.ts'

export interface PermissionView { readonly product: string; readonly productName: Words; readonly state: 'allowed' | 'denied' | 'unknown'; readonly at: Instant | null; readonly fault: FaultView | null }
export interface AccountView {
  readonly id: string
  /** Last four characters of the access id. */
  readonly clientIdEnd: string
  readonly baseUrl: string
  readonly region: string
  readonly source: 'openapi' | 'relay' | 'file'
  readonly release: 'none' | 'delete' | 'reset' | 'partner'
  /** Which endpoints of the vendor its project uses. */
  readonly family: 'industry' | 'smart-home' | 'iot-core'
  /** config: stands in the configuration file. station: entered here, and may be changed here. */
  readonly origin: 'config' | 'station'
  /** How its secret is kept. */
  readonly secretKind: 'os' | 'file' | 'unprotected'
  readonly products: readonly PermissionView[]
  readonly quota: { readonly cap: number; readonly spent: number; readonly reserved: number; readonly refusedAt: Instant | null; readonly day: DayView | null }
  /** Open jobs that use it. */
  readonly inUse: number
  readonly fault: FaultView | null
}

/** Where the vendor's day begins, in minutes after 00:00 UTC: after `from`, at `to` at the latest. */
export interface DayView {
  /** setting: a person found out. learnt: from the last refusal and the release after it, both by the vendor's clock. */
  readonly by: 'setting' | 'learnt'
  readonly fromMinutes: number
  readonly toMinutes: number
  /** Counted by; until it was seen twice any 24 hours are. */
  readonly isUsed: boolean
  readonly seen: number
  readonly refusedAt: Instant | null
  readonly acceptedAt: Instant | null
}

/** Codes of the vendor's own app. */
export interface RelayView {
  /** Who confirmed that the vendor's terms allow it, and when; null: it is off. */
  readonly consent: { readonly by: string; readonly at: Instant } | null
  readonly accounts: readonly { readonly id: string; readonly region: string }[]
  /** The account the operator has stated; null: the one of the code's data centre. */
  readonly stated: string | null
  /** The scanned code that nobody has used yet. */
  readonly waiting: { readonly account: string; readonly leftMs: number } | null
  /** Show the next code on the phone: the one at hand is ending. */
  readonly isNextNeeded: boolean
}

export interface PlanRow { readonly unit: UnitId; readonly name: string; readonly product: string; readonly productName: Words; readonly account: string | null; readonly tote: string | null; readonly since: Instant }
export interface PlanAccountRow { readonly account: string; readonly units: number; readonly tokens: number; readonly left: number; readonly runsOutAt: Instant | null }
export interface PlanView {
  readonly clock: ClockView
  /** Oldest first; at most 1000 are listed of each. */
  readonly today: readonly PlanRow[]
  readonly tomorrow: readonly PlanRow[]
  /** No account may unbind their product. */
  readonly impossible: readonly PlanRow[]
  readonly counts: { readonly today: number; readonly tomorrow: number; readonly impossible: number }
  readonly accounts: readonly PlanAccountRow[]
  readonly waves: number
  readonly tokens: number
  /** No plan takes fewer days. */
  readonly daysMin: number
}

export interface UnmatchedView { readonly result: number; readonly at: Instant; readonly account: string | null; readonly ok: boolean; readonly deviceId: string | null; readonly uuid: string | null; readonly code: string | null; readonly tid: string }

export interface GrantRoute { readonly title: Words; readonly who: Words; readonly steps: readonly Words[] }
const words = (en: string, zh: string): Words => ({ en, zh })

/**
 * Who can give an account the right to unbind a product, and where on the vendor's platform (facts/unbinding.md, "Who may do
 * it"). Menus in quotes are the platform's own, as its pages "Authorize Product to Partners" and "Account Authorization"
 * spell them (2023 to 2025); the English ones stand in both languages, so that they are found on the screen.
 */
export const GRANT_ROUTES: readonly GrantRoute[] = [
  {
    title: words('From another company: partner authorisation', '来自其他公司：合作伙伴授权'),
    who: words('The owner of the product; for an OEM product whoever shared its link; after a copy or transfer the original owner.', '产品所有者；OEM 产品为分享链接的一方；复制或转移后为原所有者。'),
    steps: [
      words('The owner signs in to the IoT platform of the vendor, in the data centre of the product.', '所有者登录厂商 IoT 平台，选择产品所在的数据中心。'),
      words('Top right: "My Space" > "Authorization" > tab "Authorize to Collaborate Across Organizations" > "Add Authorization".', '右上角：我的空间（My Space）> 授权（Authorization）> 跨企业协作授权（Authorize to Collaborate Across Organizations）> 新增授权（Add Authorization）。'),
      words('Partnership type: development. The owner enters this account and a name for the partner.', '合作类型：开发（development）。所有者填写此账号和合作伙伴名称。'),
      words('The owner adds the product to this partner and confirms.', '所有者为此合作伙伴添加该产品并确认。'),
      words('Here: "Test" on the settings page, or scan the unit again.', '在本机：在设置页点“测试”，或重新扫描设备。')
    ]
  },
  {
    title: words('From the same organisation: space permission', '来自同一组织：空间权限'),
    who: words('An administrator of the organisation that owns the product.', '拥有该产品的组织的管理员。'),
    steps: [
      words('The administrator signs in to the IoT platform of the vendor, in the data centre of the product.', '管理员登录厂商 IoT 平台，选择产品所在的数据中心。'),
      words('Top right: "My Space" > "Authorization" > tab "Authorize to Collaborate Within Organization" > "Add Authorization".', '右上角：我的空间（My Space）> 授权（Authorization）> 企业内协作授权（Authorize to Collaborate Within Organization）> 新增授权（Add Authorization）。'),
      words('Role of this account: After sale, Administrator, or a custom role that contains "unbind devices".', '此账号的角色：售后（After sale）、管理员（Administrator），或包含“解绑设备”的自定义角色。'),
      words('Data permission: the administrator adds the product to it.', '数据权限：管理员把该产品加入其中。'),
      words('Here: "Test" on the settings page, or scan the unit again.', '在本机：在设置页点“测试”，或重新扫描设备。')
    ]
  }
]
