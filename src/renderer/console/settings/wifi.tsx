/** The bench networks: which one the next code names, whether cameras join it, and a test of each. */
import type { ReactNode } from 'react'
import type { WifiView } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { Sheet } from '../sheet.tsx'
import { WifiTested } from '../wifi-tested.tsx'

const SHAPE = { untried: 'ring', joined: 'circle-tick', failed: 'triangle-bang' } as const

export function WifiPage(props: { readonly wifi: readonly WifiView[] }): ReactNode {
  const { say } = useSpeech()
  return (
    <>
      <Sheet name="set.wifi" none="networks.none" count={props.wifi.length} head={['networks.name', 'networks.state', 'networks.next', 'networks.test']}>
        {props.wifi.map(wifi => (
          <tr key={wifi.ssid}>
            <td className="cut"><bdi>{wifi.ssid}</bdi></td><td><Shape name={SHAPE[wifi.state]} /> {say(`networks.${wifi.state}`)}</td>
            <td>{wifi.isNext ? <strong>{say('networks.is-next')}</strong> : null}</td><td><WifiTested wifi={wifi} /></td>
          </tr>
        ))}
      </Sheet>
    </>
  )
}
