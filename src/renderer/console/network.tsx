/** The bench network: the card, what the address server and the listener do, who holds which address. */
import type { ReactNode } from 'react'
import type { FaultView, NetworkView } from '#shared'
import { Age, DASH } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { useSpeech } from '../common/page.tsx'
import { TEXT, type TextKey } from '../common/text.ts'
import { useView } from './use-view.ts'

/** The page looks again so often while it is open. */
const LOOK_MS = 2_000
const LEASES_MAX = 300

export function NetworkPage(): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('network.view', {}, LOOK_MS)
  return (
    <section className="second second-network" aria-label={say('tab.network')}>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {value === null ? (fault === null ? <p className="quiet-word">{say('loading')}</p> : null) : <Network view={value} />}
    </section>
  )
}

function Network(props: { readonly view: NetworkView }): ReactNode {
  const { say } = useSpeech()
  const { card, dhcp, lan, wayOut } = props.view
  return (
    <>
      <div className="panels">
        <Panel title={say('net.card')} fault={lan.fault} rows={[
          [say('net.name'), card?.name ?? DASH], [say('net.mac'), card?.mac ?? DASH], [say('net.address'), card?.address ?? DASH],
          [say('net.cable'), card === null ? DASH : say(card.up ? 'net.up' : 'net.down')],
          [say('net.binding'), card?.binding ? say(`net.binding.${card.binding}`) : DASH],
          [say('net.listening'), lan.listening.join(' ') || DASH]
        ]}>
          <Tally counters={lan.counters} wordOf={name => isNameOf('lan', name) ? say(`count.lan.${name}`) : null} />
        </Panel>
        <Panel title={say('net.dhcp')} fault={dhcp.fault} rows={[
          [say('net.state'), say(`dhcp.${dhcp.state}`)], [say('net.pool'), say('net.pool.of', { n: dhcp.poolUsed, of: dhcp.poolSize })]
        ]}>
          <Tally counters={dhcp.counters} wordOf={name => isNameOf('dhcp', name) ? say(`count.dhcp.${name}`) : null} />
        </Panel>
        {wayOut === undefined ? null : (
          <Panel title={say('wayout')} fault={wayOut.fault} rows={[
            [say('net.state'), say(`wayout.${wayOut.state}`)], [say('wayout.by'), say(`wayout.by.${wayOut.way}`)],
            ...wayOut.steps.map(step => [step.name, `${say(step.isOk ? 'wayout.step.ok' : 'wayout.step.bad')} · ${step.text}`] as const)
          ]} />
        )}
      </div>
      <Leases view={props.view} />
    </>
  )
}

interface PanelProps { readonly title: string; readonly fault: FaultView | null; readonly rows: readonly (readonly [string, string])[]; readonly children?: ReactNode }

function Panel(props: PanelProps): ReactNode {
  return (
    <section className="panel" aria-label={props.title} tabIndex={0}>
      <h2>{props.title}</h2>
      {props.fault === null ? null : <FaultCard fault={props.fault} isFull />}
      <dl className="rows">
        {props.rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>)}
      </dl>
      {props.children}
    </section>
  )
}

interface TallyProps { readonly counters: Readonly<Record<string, number>>; readonly wordOf: (name: string) => string | null }

/** Only what was seen: a nought is no news, and there are many reasons. */
function Tally(props: TallyProps): ReactNode {
  const { say, number } = useSpeech()
  const seen = Object.entries(props.counters).filter(([, value]) => value > 0)
  return (
    <>
      <h3>{say('count')}</h3>
      {seen.length === 0 ? <p className="quiet-word">{say('count.none')}</p> : (
        <dl className="tally">
          {seen.map(([name, value]) => <div key={name}><dt>{props.wordOf(name) ?? <code>{name}</code>}</dt><dd>{number(value)}</dd></div>)}
        </dl>
      )}
    </>
  )
}

type NameOf<Group extends string, Key = TextKey> = Key extends `count.${Group}.${infer Name}` ? Name : never
/** The station may be newer than the page: what has no word is shown by its name. */
const isNameOf = <Group extends 'dhcp' | 'lan'>(group: Group, name: string): name is NameOf<Group> => Object.hasOwn(TEXT, `count.${group}.${name}`)

function Leases(props: { readonly view: NetworkView }): ReactNode {
  const { say, clock } = useSpeech()
  const { leases } = props.view
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('net.leases')}>
      <table>
        <caption>{say('net.leases')} <span className="count">{leases.length}</span></caption>
        <thead><tr><th scope="col">{say('net.address')}</th><th scope="col">{say('net.mac')}</th><th scope="col">{say('lease.state')}</th><th scope="col">{say('lease.host')}</th><th scope="col">{say('lease.vendor')}</th><th scope="col">{say('lease.age')}</th><th scope="col">{say('lease.until')}</th></tr></thead>
        <tbody>
          {leases.slice(0, LEASES_MAX).map(lease => (
            <tr key={`${lease.ip} ${lease.mac}`}>
              <td><code>{lease.ip}</code></td><td><code>{lease.mac}</code></td><td>{say(`lease.${lease.state}`)}</td>
              <td className="cut"><bdi>{lease.hostName ?? DASH}</bdi></td><td className="cut"><bdi>{lease.vendorClass ?? DASH}</bdi></td>
              <td><Age since={lease.since} /></td><td>{clock(lease.until)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
