/**
 * The text of our own nftables table: what the bench may reach through the station, and of the station itself. One table,
 * written and taken away as a whole, so that its presence means that all of it is there.
 */
import { networkOf, type Subnet } from '../domain/address.ts'

export const TABLE = 'unbindery'

/** DNS, DHCP, time, and the three ports units announce themselves on. */
const STATION_PORTS: readonly number[] = [53, 67, 123, 6666, 6667, 7000]

export interface Rules {
  readonly card: string
  readonly bench: Subnet
  /** The card towards the internet; null: the station forwards nothing. */
  readonly upstream: string | null
  /** Not for the bench, whatever the routes say. */
  readonly closed: readonly string[]
  /** Private networks the bench may reach all the same, such as a private cloud. */
  readonly open: readonly string[]
  /** Forwarding on the upstream card is ours, so nothing but the bench's may pass by it. */
  readonly isForwardingOurs: boolean
}

/** For `nft -f`: replaces what an earlier run has left, in one step. */
export function encodeRules(rules: Rules): string {
  const { card, bench, upstream, closed, open } = rules
  return [
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    ...set('closed', closed), ...set('open', open),
    // Answers first: those to our own questions come back by other cards with the bench address put in again.
    '  chain input {',
    '    type filter hook input priority filter; policy accept;',
    '    ct state established,related accept',
    `    iifname != { "lo", "${card}" } ip daddr ${bench.address} drop`, // the bench is nobody else's, RFC 1122 weak hosts included
    `    iifname != "${card}" accept`,
    `    udp dport { ${STATION_PORTS.join(', ')} } accept`,
    '    udp sport 67 udp dport 68 accept', // broadcast answers to our guard: no flow matches them
    '    counter drop',
    '  }',
    '  chain forward {',
    '    type filter hook forward priority filter; policy accept;',
    `    iifname "${card}" jump from_bench`,
    `    oifname "${card}" ct state established,related accept`,
    `    oifname "${card}" counter drop`,
    ...(upstream !== null && rules.isForwardingOurs ? [`    iifname "${upstream}" counter drop`] : []),
    '  }',
    '  chain from_bench {',
    ...(upstream === null ? [] : [
      `    meta nfproto ipv4 oifname "${upstream}" ip saddr ${networkOf(bench)}/${bench.prefix} jump to_internet`
    ]),
    '    counter drop',
    '  }',
    ...(upstream === null ? [] : [
      '  chain to_internet {',
      '    ip daddr @open accept',
      '    ip daddr @closed counter reject with icmp type admin-prohibited', // told, so that a unit does not wait in vain
      '    accept',
      '  }',
      '  chain hide_behind_us {',
      '    type nat hook postrouting priority srcnat; policy accept;',
      `    ip saddr ${networkOf(bench)}/${bench.prefix} oifname "${upstream}" masquerade`,
      '  }'
    ]),
    '}',
    ''
  ].join('\n')
}

function set(name: string, elements: readonly string[]): readonly string[] {
  return [`  set ${name} {`, '    type ipv4_addr; flags interval; auto-merge', ...(elements.length === 0 ? [] : [`    elements = { ${elements.join(', ')} }`]), '  }']
}
