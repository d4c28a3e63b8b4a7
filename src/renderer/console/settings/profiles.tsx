/** The products the station knows: how each is reset, by which recipe and with what success, when it gets which label, and whether a real one was ever proven here. */
import { useState, type ReactNode } from 'react'
import type { CatalogueView, Mode, ProfileView } from '#shared'
import { DASH } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape } from '../../common/shapes.tsx'
import { Sheet } from '../sheet.tsx'
import { useCommand } from '../use-command.ts'
import { useView } from '../use-view.ts'

const LOOK_MS = 10_000

export function ProfilesPage(props: { readonly mode: Mode }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { value, fault } = useView('profile.list', {}, LOOK_MS)
  const { fault: refused, isAsking, run } = useCommand()
  const [found, setFound] = useState<CatalogueView | null>(null)
  const isWell = found !== null && found.complaints.length === 0
  return (
    <>
      <div className="panel keeping">
        <h2>{say('set.profiles')}</h2>
        <p>{say('profile.what')}</p>
        <p className="acts">
          <button type="button" disabled={isAsking} onClick={() => { setFound(null); run(door.ask('profile.test', {}).then(setFound)) }}>{say('profile.test')}</button>
          {found === null ? null : <span role="status" className={isWell ? 'check-good' : 'check-bad'}><Shape name={isWell ? 'circle-tick' : 'triangle-bang'} /> {isWell ? say('profile.well', { n: found.products }) : <bdi>{found.complaints.join('; ')}</bdi>}</span>}
        </p>
        {refused === null ? null : <FaultCard fault={refused} isFull />}
        <p className="quiet-word">{say('profile.of-program')}</p>
      </div>
      <div className="profiles"><Sheet name="profile.label" none="profile.none" count={value?.length ?? null} faults={[fault]} head={['unit.product', 'profile.kind', 'profile.reset', 'profile.pairing', 'profile.recipe', 'profile.tested', 'profile.real']}>
        {value?.map(profile => <Row key={profile.product} profile={profile} mode={props.mode} />)}
      </Sheet></div>
      <p className="quiet-word">{say('profile.label-rule')}</p>
    </>
  )
}

function Row(props: { readonly profile: ProfileView; readonly mode: Mode }): ReactNode {
  const { say, words, number, percent } = useSpeech()
  const { profile: p, mode } = props
  const isReal = p.isProven && mode === 'live'
  return (
    <tr>
      <td>{words(p.name)} <code className="quiet-word">{p.product}</code></td>
      <td>{say(`profile.kind.${p.kind}`)}, {say(`profile.method.${p.method}`)}</td>
      <td>{say('profile.hold', { n: p.resetHoldSeconds })} <span className="quiet-word">{say('profile.reboot', { n: p.rebootSeconds })}</span></td>
      <td>{say('profile.ready', { n: Math.round(p.pairingSeconds / 60) })} {p.centre ?? ''}</td>
      <td>{p.recipe === null ? <span className="quiet-word">{say('profile.by-hand')}</span> : <><code>{p.recipe}</code> {p.recipeRuns === 0 ? <span className="quiet-word">{say('profile.never-run')}</span> : say('profile.rate', { verified: number(p.recipeVerified), runs: number(p.recipeRuns), rate: percent(p.recipeVerified / p.recipeRuns) })}</>}</td>
      <td className="figure">{p.tested === 0 ? DASH : say('profile.count', { proven: number(p.proven), tested: number(p.tested) })}</td>
      <td className={isReal ? 'check-good' : undefined}><Shape name={isReal ? 'circle-tick' : 'ring'} /> {say(isReal ? 'profile.proven' : mode === 'training' ? 'profile.training' : 'profile.unproven')}</td>
    </tr>
  )
}
