/** Tests of pages whose subject is a list: it is asked for anew, and what is missing in it is said plainly. */
import { useState, type ReactNode } from 'react'
import type { PersonView, PortsView } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech, type Page } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import type { TextKey } from '../../common/text.ts'
import { useCommand } from '../use-command.ts'

/** What was found, and whether that is well. */
interface Looked { readonly isWell: boolean; readonly word: TextKey; readonly values: Readonly<Record<string, string | number>> }

function LookedOver(props: { readonly word: TextKey; readonly look: (door: Page['door']) => Promise<Looked> }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const [looked, setLooked] = useState<Looked | null>(null)
  return (
    <div className="panel keeping">
      <p className="acts">
        <button type="button" disabled={isAsking} onClick={() => { setLooked(null); run(props.look(door).then(setLooked)) }}>{say(props.word)}</button>
        {looked === null ? null : <span role="status" className={looked.isWell ? 'check-good' : 'check-bad'}><Shape name={looked.isWell ? 'circle-tick' : 'triangle-bang'} /> {say(looked.word, looked.values)}</span>}
      </p>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </div>
  )
}

export function PeopleTest(): ReactNode {
  return <LookedOver word="people.test" look={async door => assessPeople(await door.ask('person.list', {}))} />
}

export function PortsTest(): ReactNode {
  return <LookedOver word="ports.test" look={async door => assessPorts(await door.ask('ports.list', {}))} />
}

/** Somebody can change the settings, and whoever needs a PIN has one. */
export function assessPeople(people: readonly PersonView[]): Looked {
  const bare = people.filter(p => p.role !== 'operator' && !p.hasPin)
  const locked = people.filter(p => p.lockedUntil !== null)
  const admins = people.filter(p => p.role === 'admin').length
  if (admins === 0) return { isWell: false, word: 'people.no-admin', values: {} }
  if (bare.length > 0 || locked.length > 0) return { isWell: false, word: 'people.wanting', values: { names: [...bare, ...locked].map(p => p.badge).join(', ') } }
  return { isWell: true, word: 'people.well', values: { admins, n: people.length } }
}

/** Every adapter that has a role is plugged in. */
export function assessPorts({ ports, fault }: PortsView): Looked {
  const missing = ports.filter(p => p.role !== null && p.role !== 'ignore' && !p.isThere && !p.isNamed)
  if (fault !== null || missing.length > 0) return { isWell: false, word: 'ports.missing', values: { names: missing.map(p => p.label).join(', ') || '–' } }
  return { isWell: true, word: 'ports.well', values: { n: ports.filter(p => p.isThere).length, used: ports.filter(p => p.role !== null).length } }
}
