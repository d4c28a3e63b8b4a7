/** Who changed what and when, for one page of the settings: acts that needed a lead or an admin, and values, newest first. */
import type { ReactNode } from 'react'
import type { DoorName, SettingValue } from '#shared'
import { SETTING_WORDS } from '../../common/text/setting-words.ts'
import { useSpeech } from '../../common/page.tsx'
import { Sheet } from '../sheet.tsx'
import { useView } from '../use-view.ts'
import { asTyped } from './typed.ts'

const LOOK_MS = 5_000
const FACTS_MAX = 200
const ROWS_MAX = 8

export function Changes(props: { readonly of: readonly DoorName[] }): ReactNode {
  const { dateTime } = useSpeech()
  const { value, fault } = useView('history.list', { kind: 'act.led', limit: FACTS_MAX }, LOOK_MS)
  const rows = value?.filter(f => props.of.some(name => name === f.body['act'])).slice(0, ROWS_MAX) ?? null
  return (
    <Sheet name="set.changes" none="set.no-change" count={rows?.length ?? null} faults={[fault]} head={['facts.at', 'set.what', 'set.who']}>
      {rows?.map(f => <tr key={f.seq}><td>{dateTime(f.at)}</td><td><code>{String(f.body['act'])}</code></td><td><bdi>{String(f.body['lead'])}</bdi></td></tr>)}
    </Sheet>
  )
}

export function SettingChanges(props: { readonly keys: readonly string[] }): ReactNode {
  const { dateTime, say, language } = useSpeech()
  const { value, fault } = useView('history.list', { kind: 'setting.changed', limit: FACTS_MAX }, LOOK_MS)
  const rows = value?.filter(f => props.keys.includes(String(f.body['key']))).slice(0, ROWS_MAX) ?? null
  return (
    <Sheet name="set.values" none="set.no-change" count={rows?.length ?? null} faults={[fault]} head={['facts.at', 'setting.name', 'set.was', 'set.is', 'set.who']}>
      {rows?.map(f => {
        const key = String(f.body['key'])
        return (
          <tr key={f.seq}>
            <td>{dateTime(f.at)}</td><td>{SETTING_WORDS[key]?.label[language] ?? key} <code className="quiet-word">{key}</code></td><td className="cut"><bdi>{typedOf(f.body['from'])}</bdi></td>
            <td className="cut">{f.body['to'] === null ? say('set.default') : <bdi>{typedOf(f.body['to'])}</bdi>}</td><td><bdi>{String(f.body['by'])}</bdi></td>
          </tr>
        )
      })}
    </Sheet>
  )
}

/** A value as a fact holds it. */
function typedOf(value: unknown): string {
  return asTyped({ kind: Array.isArray(value) ? 'list' : 'text' }, value as SettingValue) // written by the station
}
