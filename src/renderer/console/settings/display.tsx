/** Sounds and display: what is heard, in which language, how large and in which colours the pages stand, and how the rack display is drawn. */
import type { ReactNode } from 'react'
import { LANGUAGES } from '#shared'
import { APPEARANCE, useAppearance } from '../../common/appearance.ts'
import { usePage, useSpeech } from '../../common/page.tsx'
import type { Sounds } from '../../common/sounds.ts'
import { SettingsOf } from './settings-of.tsx'
import { SoundsPage } from './sounds.tsx'

export function DisplayPage(props: { readonly sounds: Sounds }): ReactNode {
  return (
    <>
      <SoundsPage sounds={props.sounds} />
      <Appearance />
      <SettingsOf page="display" />
    </>
  )
}

/** Of this screen, kept on this screen: the next one may stand elsewhere. */
function Appearance(): ReactNode {
  const { say, language } = useSpeech()
  const { choice } = usePage()
  const { theme, scale, choose } = useAppearance()
  return (
    <fieldset className="panel appearance">
      <legend>{say('look.label')}</legend>
      <p className="acts">
        <span>{say('look.language')}</span>
        {LANGUAGES.map(l => <button key={l} type="button" aria-pressed={l === language} onClick={() => choice.choose(l)}>{say(`people.language.${l}`)}</button>)}
      </p>
      <p className="acts">
        <span>{say('look.theme')}</span>
        {APPEARANCE.themes.map(t => <button key={t} type="button" aria-pressed={t === theme} onClick={() => choose({ theme: t })}>{say(`look.theme.${t}`)}</button>)}
      </p>
      <p className="acts">
        <span>{say('look.scale')}</span>
        {APPEARANCE.scales.map(s => <button key={s} type="button" aria-pressed={s === scale} onClick={() => choose({ scale: s })}>{say('look.percent', { n: s })}</button>)}
      </p>
      <p className="acts"><button type="button" disabled={theme === 'system' && scale === 100} onClick={() => choose({ theme: 'system', scale: 100 })}>{say('setting.reset')}</button> <span className="quiet-word">{say('look.kept')}</span></p>
    </fieldset>
  )
}
