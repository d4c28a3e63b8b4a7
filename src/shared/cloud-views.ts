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
  /** config: stands in the configuration file. station: entered here, and may be changed here. */
  readonly origin: 'config' | 'station'
  /** How its secret is kept. */
  readonly secretKind: 'os' | 'file' | 'unprotected'
  readonly products: readonly PermissionView[]
  readonly quota: { readonly cap: number; readonly spent: number; readonly reserved: number; readonly refusedAt: Instant | null }
  /** Open jobs that use it. */
  readonly inUse: number
  readonly fault: FaultView | null
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

/** Who can give an account the right to unbind a product, and where on the vendor's platform (facts/unbinding.md, "Who may do it"). */
export const GRANT_ROUTES: readonly GrantRoute[] = [
  {
    title: words('From another company: partner authorisation', '来自其他公司：合作伙伴授权'),
    who: words('The owner of the product; for an OEM product whoever shared its link; after a copy or transfer the original owner.', '产品所有者；OEM 产品为分享链接的一方；复制或转移后为原所有者。'),
    steps: [
      words('The owner signs in to the IoT platform of the vendor, in the data centre of the product.', '所有者登录厂商 IoT 平台，选择产品所在的数据中心。'),
      words('The owner opens the partners of the account and adds this account as a partner.', '所有者打开账号的合作伙伴页面，添加此账号为合作伙伴。'),
      words('Partnership type: development.', '合作类型：开发（development）。'),
      words('The owner authorises the product for this partner.', '所有者把该产品授权给此合作伙伴。')
    ]
  },
  {
    title: words('From the same organisation: space permission', '来自同一组织：空间权限'),
    who: words('An administrator of the organisation that owns the product.', '拥有该产品的组织的管理员。'),
    steps: [
      words('The administrator signs in to the IoT platform and opens the members of the space.', '管理员登录 IoT 平台，打开空间成员页面。'),
      words('Role of this account: After sale, Administrator, or a custom role that contains "unbind devices".', '此账号的角色：售后、管理员，或包含“解绑设备”的自定义角色。'),
      words('Data permission: the administrator adds the product to it.', '数据权限：管理员把该产品加入其中。')
    ]
  }
]
