/** Was this network tried before the wave, when, and who joined? One button tries it. */
import type { ReactNode } from 'react'
import type { WifiView } from '#shared'
import { Age } from '../common/age.tsx'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'
import { useCommand } from './use-command.ts'

export function WifiTested(props: { readonly wifi: WifiView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const command = useCommand()
  const { ssid, test = null, joinedAt = null } = props.wifi
  const isRunning = test !== null && 'until' in test
  return (
    <p className="wifi-test small">
      <Said test={test} /> {joinedAt === null ? null : <span className="quiet-word">{say('wifi.last-join')} <Age since={joinedAt} /></span>}
      {' '}<button type="button" className="quiet" disabled={isRunning || command.isAsking} onClick={() => command.run(door.ask('wifi.test', { ssid }))}>{say('wifi.test')}</button>
      {command.fault === null ? null : <FaultCard fault={command.fault} />}
    </p>
  )
}

function Said(props: { readonly test: WifiView['test'] }): ReactNode {
  const { say } = useSpeech()
  const { test = null } = props
  if (test === null) return <span className="quiet-word"><Shape name="ring" /> {say('wifi.not-tested')}</span>
  if ('until' in test) return <strong role="status">{say('wifi.testing')}</strong>
  return <span><Shape name={test.mac === null ? 'triangle-bang' : 'circle-tick'} /> {test.mac === null ? say('wifi.silent') : <>{say('wifi.tested')} <bdi><code>{test.mac}</code></bdi></>} <Age since={test.at} /></span>
}
