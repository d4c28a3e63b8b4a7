/** The supervisor's page: what was done, what waits, what is left; a tab each. */
import type { ReactNode } from 'react'
import type { BenchView, UnitId } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import type { Scans } from '../scans.ts'
import { BatchesTab } from './batches.tsx'
import { CertificatesTab } from './certificates.tsx'
import { HandoverTab } from './handover.tsx'
import { HoldsTab } from './holds.tsx'
import { LogTab } from './log.tsx'
import { QuotaTab } from './quota.tsx'
import { SUPERVISOR_TABS, type SupervisorTab } from './tabs.ts'
import { UnitsTab } from './units.tsx'
import { UnmatchedTab } from './unmatched.tsx'
import './supervisor.css'

interface SupervisorProps { readonly bench: BenchView; readonly scans: Scans; readonly tab: SupervisorTab; readonly unit: UnitId | null; readonly onTab: (tab: SupervisorTab) => void; readonly onUnit: (unit: UnitId) => void }

export function SupervisorPage(props: SupervisorProps): ReactNode {
  const { say } = useSpeech()
  const { tab, bench, onUnit } = props
  return (
    <section className="second second-supervisor" aria-label={say('tab.supervisor')}>
      <nav className="tabs inner-tabs" aria-label={say('sup.tabs')}>
        {SUPERVISOR_TABS.map(name => <button key={name} type="button" aria-current={name === tab ? 'page' : undefined} onClick={() => props.onTab(name)}>{say(`sup.${name}`)}</button>)}
      </nav>
      {tab === 'units' ? <UnitsTab unit={props.unit} onUnit={onUnit} /> : null}
      {tab === 'batches' ? <BatchesTab /> : null}
      {tab === 'holds' ? <HoldsTab bench={bench} onUnit={onUnit} /> : null}
      {tab === 'certificates' ? <CertificatesTab bench={bench} /> : null}
      {tab === 'unmatched' ? <UnmatchedTab /> : null}
      {tab === 'quota' ? <QuotaTab bench={bench} onUnit={onUnit} /> : null}
      {tab === 'log' ? <LogTab /> : null}
      {tab === 'handover' ? <HandoverTab scan={bench.scan} /> : null}
    </section>
  )
}
