/** The settings: a page each, with a test that says plainly whether it works. */
import { useState, type ReactNode } from 'react'
import type { BenchView } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import type { Sounds } from '../../common/sounds.ts'
import type { Scans } from '../now.tsx'
import { PeoplePage } from '../people.tsx'
import { PortsPage } from '../ports.tsx'
import { AccountsPage } from './accounts.tsx'
import { KeepingPage } from './keeping.tsx'
import { SETTINGS_PAGES, type SettingsPageName } from './pages.ts'
import { PrintingPage } from './printing.tsx'
import { ScannerPage } from './scanner.tsx'
import { SendingPage } from './sending.tsx'
import { SoundsPage } from './sounds.tsx'
import { WifiPage } from './wifi.tsx'
import './settings.css'

export function SettingsPage(props: { readonly bench: BenchView; readonly scans: Scans; readonly sounds: Sounds }): ReactNode {
  const { say } = useSpeech()
  const [page, setPage] = useState<SettingsPageName>('accounts')
  return (
    <section className="second second-settings" aria-label={say('tab.settings')}>
      <nav className="tabs inner-tabs" aria-label={say('set.pages')}>
        {SETTINGS_PAGES.map(name => <button key={name} type="button" aria-current={name === page ? 'page' : undefined} onClick={() => setPage(name)}>{say(`set.${name}`)}</button>)}
      </nav>
      {page === 'accounts' ? <AccountsPage /> : null}
      {page === 'wifi' ? <WifiPage wifi={props.bench.wifi} /> : null}
      {page === 'printing' ? <PrintingPage /> : null}
      {page === 'sending' ? <SendingPage /> : null}
      {page === 'keeping' ? <KeepingPage /> : null}
      {page === 'people' ? <PeoplePage mode={props.bench.mode} /> : null}
      {page === 'ports' ? <PortsPage lanes={props.bench.lanes} /> : null}
      {page === 'scanner' ? <ScannerPage /> : null}
      {page === 'sounds' ? <SoundsPage sounds={props.sounds} /> : null}
    </section>
  )
}
