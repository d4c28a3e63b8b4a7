/** A recipe that erases, on a product it is not yet known to be right for, waits for a lead's word on this one unit. */
import { useState, type ReactNode } from 'react'
import type { FaultView, UnitView } from '#shared'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'

export function RecipeWord(props: { readonly unit: UnitView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [fault, setFault] = useState<FaultView | null>(null)
  if (props.unit.wantsWord !== true) return null
  const allow = (): void => { door.ask('recipe.allow', { unit: props.unit.uid }).then(() => setFault(null), (thrown: unknown) => setFault(asFault(thrown))) }
  return (
    <div className="unit-acts">
      <p>{say('recipe.word')}</p>
      <p className="acts"><button type="button" onClick={allow}>{say('recipe.allow')}</button></p>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
    </div>
  )
}
