/**
 * The settings of one page: what is in force and since when by whom, the default, why it is there. An admin changes several
 * and saves them together; nothing opens over the page. What only the configuration file sets says so.
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import { PIN_DIGITS, type SettingOrigin, type SettingView, type SettingValue } from '#shared'
import { FaultCard } from '../../common/fault-card.tsx'
import { rangeInChinese, SETTING_WORDS } from '../../common/text/setting-words.ts'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'
import { SettingChanges } from './changes.tsx'
import { pageOfSetting, type SettingsPageName } from './pages.ts'
import { asTyped, ofTyped, rangeOf } from './typed.ts'

const LOOK_MS = 5_000
const TEXT_CHARS_MAX = 4096

export function SettingsOf(props: { readonly page: SettingsPageName }): ReactNode {
  const { say } = useSpeech()
  const { value, fault } = useView('settings.view', {}, LOOK_MS)
  const [changed, setChanged] = useState(0)
  if (value === null) return fault === null ? <p className="quiet-word">{say('loading')}</p> : <FaultCard fault={fault} isFull />
  const settings = value.settings.filter(s => pageOfSetting(s.key) === props.page)
  return (
    <>
      {value.fault === null ? null : <FaultCard fault={value.fault} isFull />}
      <Form key={changed} settings={settings} file={value.file} onSaved={() => setChanged(n => n + 1)} />
      <SettingChanges key={`changes ${changed}`} keys={settings.map(s => s.key)} />
    </>
  )
}

type Draft = Readonly<Record<string, string>>

function Form(props: { readonly settings: readonly SettingView[]; readonly file: string | null; readonly onSaved: () => void }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const [draft, setDraft] = useState<Draft>({})
  const [pin, setPin] = useState('')
  const { settings } = props
  const edits = settings.filter(s => draft[s.key] !== undefined && draft[s.key] !== asTyped(s, s.own?.value ?? s.value))
  const isDangerous = edits.some(s => s.isDangerous)
  const save = (event: FormEvent): void => {
    event.preventDefault()
    const values = Object.fromEntries(edits.map(s => [s.key, draft[s.key] === RESET ? null : ofTyped(s, draft[s.key] ?? '')]))
    run(door.ask('setting.change', { values, ...pin === '' ? {} : { pin } }), props.onSaved)
  }
  return (
    <form className="settings-form" onSubmit={save} aria-label={say('setting.label')}>
      <div className="table-frame" tabIndex={0} role="region" aria-label={say('setting.label')}>
        <table>
          <caption>{say('setting.label')} <span className="quiet-word">{say('setting.rule')} {props.file === null ? say('setting.no-file') : <code>{props.file}</code>}</span></caption>
          <thead><tr><th scope="col">{say('setting.name')}</th><th scope="col">{say('setting.value')}</th><th scope="col">{say('setting.from')}</th><th scope="col">{say('setting.default')}</th><th scope="col">{say('setting.why')}</th></tr></thead>
          <tbody>{settings.map(s => <Row key={s.key} setting={s} typed={draft[s.key]} onType={text => setDraft(old => ({ ...old, [s.key]: text }))} />)}</tbody>
        </table>
      </div>
      {isDangerous ? <p className="danger"><Shape name="triangle-bang" /> {say('setting.danger')} <label>{say('pin.pin')} <input type="password" inputMode="numeric" autoComplete="off" maxLength={PIN_DIGITS.max} value={pin} onChange={event => setPin(event.target.value)} /></label></p> : null}
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      <p className="acts save-row">
        <button type="submit" disabled={isAsking || edits.length === 0}>{say('setting.save', { n: edits.length })}</button>
        <button type="button" disabled={isAsking || edits.length === 0} onClick={() => setDraft({})}>{say('setting.forget')}</button>
        <span className="quiet-word">{say('setting.when')}</span>
      </p>
    </form>
  )
}

/** No setting can hold it: it does not fit on a line. */
const RESET = '\u0000'

function Row(props: { readonly setting: SettingView; readonly typed: string | undefined; readonly onType: (text: string) => void }): ReactNode {
  const { say, language } = useSpeech()
  const { setting: s, typed, onType } = props
  const known = SETTING_WORDS[s.key]
  const label = known?.label[language] ?? s.key
  const isReset = typed === RESET
  const range = language === 'zh' ? rangeInChinese(s.range) : null
  return (
    <tr className={s.isDangerous ? 'dangerous' : undefined}>
      <th scope="row">{s.isDangerous ? <span title={say('setting.dangerous')}><Shape name="triangle-bang" /><span className="unseen">{say('setting.dangerous')}</span> </span> : null}{label} <code className="quiet-word">{s.key}</code></th>
      <td>
        {s.changed === 'file' ? <Value setting={s} value={s.value} /> : <Field setting={s} label={label} text={isReset ? asTyped(s, s.standard) : typed ?? asTyped(s, s.own?.value ?? s.value)} onType={onType} />}
        {s.next === null ? null : <p className="quiet-word"><Shape name="proving" /> {say('setting.next')} <Value setting={s} value={s.next} /></p>}
      </td>
      <td>
        {say(ORIGIN[s.origin])}
        {s.changed === 'file' ? <span className="quiet-word"> {say('setting.of-file')}</span> : null}
        {s.own === null || isReset ? null : <> <button type="button" onClick={() => onType(RESET)}>{say('setting.reset')}</button></>}
        {isReset ? <strong> {say('setting.resetting')}</strong> : null}
      </td>
      <td className="quiet-word"><Value setting={s} value={s.standard} /></td>
      <td className="why">{language === 'zh' && known !== undefined ? known.why : <span lang="en">{s.why.replaceAll('`', '')}</span>} {s.kind === 'choice' ? null : range === null ? <span className="quiet-word" lang="en">{s.range}</span> : <span className="quiet-word">{range}</span>}</td>
    </tr>
  )
}

const ORIGIN = { default: 'setting.from.default', file: 'setting.from.file', station: 'setting.from.station', environment: 'setting.from.environment', flag: 'setting.from.flag', training: 'setting.from.training' } as const satisfies Record<SettingOrigin, string>

function Field(props: { readonly setting: SettingView; readonly label: string; readonly text: string; readonly onType: (text: string) => void }): ReactNode {
  const { setting: { kind, choices, range }, label, text, onType } = props
  const type = (event: { readonly target: { readonly value: string } }): void => onType(event.target.value)
  if (kind === 'choice') return <select aria-label={label} value={text} onChange={type}>{choices?.map(choice => <option key={choice} value={choice}>{choice}</option>)}</select>
  if (kind === 'whole') return <input aria-label={label} type="number" {...rangeOf(range)} value={text} onChange={type} />
  if (kind === 'list') return <textarea aria-label={label} rows={2} maxLength={TEXT_CHARS_MAX} value={text} spellCheck={false} onChange={type} />
  return <input aria-label={label} value={text} maxLength={TEXT_CHARS_MAX} autoComplete="off" spellCheck={false} onChange={type} />
}

function Value(props: { readonly setting: SettingView; readonly value: SettingValue }): ReactNode {
  const { say } = useSpeech()
  const text = asTyped(props.setting, props.value)
  return text === '' ? <span className="quiet-word">{say('setting.empty')}</span> : <bdi className="set-value">{text}</bdi>
}
