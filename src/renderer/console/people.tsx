/** People on record: badge, role and what the vendor calls it, PIN, competence. A PIN is typed in and never comes back. */
import { useState, type FormEvent, type ReactNode } from 'react'
import { EXERCISES, exercisesPassed, isCompetent, LANGUAGES, PIN_DIGITS, ROLES, TRAINING_PEOPLE, VENDOR_ROLES, type CompetenceView, type FaultView, type Mode, type PersonView, type Role } from '#shared'
import { DASH } from '../common/age.tsx'
import { asFault } from '../common/bridge.ts'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'
import { useView } from './use-view.ts'
import './people.css'

const LOOK_MS = 5000
const NAME_CHARS_MAX = 80
const BADGE_CHARS_MAX = 64
const PIN_SHAPE = `\\d{${PIN_DIGITS.min},${PIN_DIGITS.max}}`

export function PeoplePage(props: { readonly mode: Mode }): ReactNode {
  const { say, words } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('person.list', {}, LOOK_MS)
  const [refused, setRefused] = useState<FaultView | null>(null)
  const run = (asked: Promise<unknown>, done: () => void = () => undefined): void => { asked.then(() => { setRefused(null); done() }, (thrown: unknown) => setRefused(asFault(thrown))) }
  return (
    <div className="table-frame people" tabIndex={0} role="region" aria-label={say('people.label')}>
      <table>
        <caption>{say('people.label')} <span className="quiet-word">{say('people.rule')}</span></caption>
        <thead><tr><th scope="col">{say('people.badge')}</th><th scope="col">{say('people.name')}</th><th scope="col">{say('people.role')}</th><th scope="col">{say('people.vendor')}</th><th scope="col">{say('pin.pin')}</th><th scope="col">{say('people.competence')}</th><th scope="col">{say('account.acts')}</th></tr></thead>
        <tbody>
          {value?.map(person => <Row key={person.badge} person={person} onRemove={() => run(door.ask('person.remove', { badge: person.badge }))} />)}
          {value?.length === 0 ? <tr><td colSpan={7}>{say('people.nobody')}</td></tr> : null}
        </tbody>
      </table>
      {props.mode === 'training' ? <p>{TRAINING_PEOPLE.map(p => <span key={p.badge} className="people-given">{say('people.given', { name: words(p.name), badge: `OP:${p.badge}`, pin: p.pin })} </span>)}</p> : null}
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {refused === null ? null : <FaultCard fault={refused} isFull />}
      <PersonForm known={value ?? []} run={run} />
    </div>
  )
}

function Row(props: { readonly person: PersonView; readonly onRemove: () => void }): ReactNode {
  const { say, words, time } = useSpeech()
  const { badge, name, role, hasPin, lockedUntil, competence, isGiven, isOnRecord = true } = props.person
  return (
    <tr>
      <td className="cut"><bdi>{badge}</bdi></td><td className="cut"><bdi>{name}</bdi></td><td>{say(`role.${role}`)}</td><td className="quiet-word">{words(VENDOR_ROLES[role])}</td>
      <td>{lockedUntil === null ? say(hasPin ? 'yes' : 'no') : say('people.locked', { time: time(lockedUntil) })}</td>
      <td><Shown competence={competence} /></td>
      <td className="acts">{isGiven || !isOnRecord ? <span className="quiet-word">{say(isGiven ? 'people.of-training' : 'people.not-on-record')}</span> : <button type="button" onClick={props.onRemove}>{say('account.remove')}</button>}</td>
    </tr>
  )
}

/** The exercises passed, or all of them in one word; each with its points as the pointer rests on it. */
function Shown(props: { readonly competence: readonly CompetenceView[] }): ReactNode {
  const { say, number } = useSpeech()
  const { competence } = props
  if (competence.length === 0) return DASH
  const nameOf = (course: string): string => (name => name === undefined ? course : say(`exercise.${name}`))(EXERCISES.find(e => e === course))
  const title = competence.map(c => `${nameOf(c.course)} ${number(Math.round(c.score))}`).join(', ')
  return <span title={title}>{isCompetent(competence) ? <><Shape name="circle-tick" /> {say('training.all')}</> : say('training.some', { n: exercisesPassed(competence), of: EXERCISES.length })}</span>
}

const EMPTY = { badge: '', name: '', role: 'operator' as Role, language: '', pin: '' } // the narrowest of the roles, to begin with

/** One form for both: a badge that is on record is changed, another one is entered. */
function PersonForm(props: { readonly known: readonly PersonView[]; readonly run: (asked: Promise<unknown>, done: () => void) => void }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const [form, setForm] = useState(EMPTY)
  const isKnown = props.known.some(p => p.badge === form.badge && p.isOnRecord !== false)
  const needsPin = form.role !== 'operator' && !isKnown
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const { badge, name, role, pin } = form
    const language = LANGUAGES.find(l => l === form.language) ?? null
    props.run(door.ask(isKnown ? 'person.change' : 'person.add', { badge, role, language, ...name === '' ? {} : { name }, ...pin === '' ? {} : { pin } }), () => setForm(EMPTY))
  }
  return (
    <form className="account-form" onSubmit={submit}>
      <label>{say('people.badge')} <input value={form.badge} maxLength={BADGE_CHARS_MAX} required autoComplete="off" spellCheck={false} onChange={event => setForm({ ...form, badge: event.target.value })} /></label>
      <label>{say('people.name')} <input value={form.name} maxLength={NAME_CHARS_MAX} autoComplete="off" spellCheck={false} onChange={event => setForm({ ...form, name: event.target.value })} /></label>
      <label>{say('people.role')} <select value={form.role} onChange={event => setForm({ ...form, role: ROLES.find(r => r === event.target.value) ?? 'operator' })}>{ROLES.map(r => <option key={r} value={r}>{say(`role.${r}`)}</option>)}</select></label>
      <label>{say('people.language')} <select value={form.language} onChange={event => setForm({ ...form, language: event.target.value })}><option value="">{say('people.language.as-is')}</option>{LANGUAGES.map(l => <option key={l} value={l}>{say(`people.language.${l}`)}</option>)}</select></label>
      {form.role === 'operator' ? null : <label>{say('pin.pin')} <input type="password" inputMode="numeric" pattern={PIN_SHAPE} required={needsPin} value={form.pin} maxLength={PIN_DIGITS.max} autoComplete="off" onChange={event => setForm({ ...form, pin: event.target.value })} /></label>}
      <button type="submit">{say(isKnown ? 'people.change' : 'people.add')}</button>
    </form>
  )
}
