/** The settings: a page each, with a test that says plainly whether it works. */
import { useState, type ReactNode } from 'react'
import type { BenchView } from '#shared'
import { useSpeech } from '../../common/page.tsx'
import type { Sounds } from '../../common/sounds.ts'
import { useScannedCards } from '../keys.tsx'
import type { Scans } from '../scans.ts'
import { PeoplePage } from '../people.tsx'
import { PortsPage } from '../ports.tsx'
import { AccountsPage } from './accounts.tsx'
import { BenchPage } from './bench.tsx'
import { Changes } from './changes.tsx'
import { DisplayPage } from './display.tsx'
import { KeepingPage } from './keeping.tsx'
import { PeopleTest, PortsTest } from './looked-over.tsx'
import { SETTINGS_PAGES, type SettingsPageName } from './pages.ts'
import { PrintingPage } from './printing.tsx'
import { ProfilesPage } from './profiles.tsx'
import { ReadyPage } from './ready.tsx'
import { ScannerPage } from './scanner.tsx'
import { SendingPage } from './sending.tsx'
import { SettingsOf } from './settings-of.tsx'
import { WifiPage } from './wifi.tsx'
import './settings.css'

export function SettingsPage(props: { readonly bench: BenchView; readonly scans: Scans; readonly sounds: Sounds }): ReactNode {
  const { say } = useSpeech()
  const [page, setPage] = useState<SettingsPageName>('ready')
  useScannedCards(props.bench.scan, card => { if (card === 'DAILY') setPage('ready') })
  return (
    <section className="second second-settings" aria-label={say('tab.settings')}>
      <nav className="tabs inner-tabs" aria-label={say('set.pages')}>
        {SETTINGS_PAGES.map(name => <button key={name} type="button" aria-current={name === page ? 'page' : undefined} onClick={() => setPage(name)}>{say(`set.${name}`)}</button>)}
      </nav>
      {page === 'ready' ? <ReadyPage bench={props.bench} /> : null}
      {page === 'bench' ? <BenchPage /> : null}
      {page === 'profiles' ? <ProfilesPage mode={props.bench.mode} /> : null}
      {page === 'accounts' ? <><AccountsPage /><SettingsOf page="accounts" /><Changes of={['account.add', 'account.remove', 'account.test', 'relay.allow']} /></> : null}
      {page === 'wifi' ? <><WifiPage wifi={props.bench.wifi} /><SettingsOf page="wifi" /></> : null}
      {page === 'printing' ? <><PrintingPage /><SettingsOf page="printing" /></> : null}
      {page === 'sending' ? <><SendingPage /><SettingsOf page="sending" /></> : null}
      {page === 'keeping' ? <><KeepingPage /><SettingsOf page="keeping" /></> : null}
      {page === 'people' ? <><PeoplePage mode={props.bench.mode} /><PeopleTest /><Changes of={['person.add', 'person.change', 'person.remove']} /></> : null}
      {page === 'ports' ? <><PortsPage lanes={props.bench.lanes} /><PortsTest /><SettingsOf page="ports" /><Changes of={['ports.bind', 'power.test', 'recipe.allow']} /></> : null}
      {page === 'scanner' ? <ScannerPage lamp={props.bench.lamps.find(l => l.name === 'scanner')} /> : null}
      {page === 'display' ? <DisplayPage sounds={props.sounds} /> : null}
    </section>
  )
}
