/** The four sounds, each to be heard, with what the screen shows at the same time; and how loud. */
import { useSyncExternalStore, type ReactNode } from 'react'
import { useSpeech } from '../../common/page.tsx'
import { Shape, type ShapeName } from '../../common/shapes.tsx'
import { SOUNDS, VOLUME_MAX, type SoundName, type Sounds } from '../../common/sounds.ts'

const TWIN = { accept: 'circle-tick', reject: 'triangle-bang', attention: 'hand', complete: 'ready' } as const satisfies Record<SoundName, ShapeName>

export function SoundsPage(props: { readonly sounds: Sounds }): ReactNode {
  const { say } = useSpeech()
  const { sounds } = props
  useSyncExternalStore(sounds.subscribe, sounds.snapshot)
  return (
    <div className="panel sounds">
      <h2>{say('set.sounds')}</h2>
      <p className="volume">
        <label htmlFor="volume">{say('sound.volume')}</label>
        <input id="volume" type="range" min={0} max={VOLUME_MAX} step={1} value={sounds.volume} onChange={event => sounds.setVolume(event.target.valueAsNumber)} />
        <span>{sounds.volume}</span>
        <strong role="status">{say(`sound.state.${sounds.state}`)}</strong>
      </p>
      <ul className="sound-list">
        {SOUNDS.map(name => (
          <li key={name}>
            <button type="button" onClick={() => { sounds.play(name); if (name === 'attention') setTimeout(() => sounds.hush(), 1500) }}>{say('sound.test')}</button>
            <Shape name={TWIN[name]} /> <strong>{say(`sound.${name}`)}</strong> <span className="quiet-word">{say(`sound.twin.${name}`)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
