/**
 * The wave from plan to leftovers: what is chosen and whether it will read, the pace of the resets, a line for each camera, and
 * the one question about those that are left.
 */
import { useState, type ReactNode } from 'react'
import { FAULTS, isTied, LIGHTS, type BenchView, type Light, type UnitId, type UnitView, type WaveSources, type WaveView } from '#shared'
import { FaultCard } from '../common/fault-card.tsx'
import { usePage, useSpeech } from '../common/page.tsx'
import { Shape } from '../common/shapes.tsx'
import { CameraLamp } from './camera-lamp.tsx'
import { sayStanding, standingOf } from './lanes.tsx'
import { Pacing } from './pacing.tsx'
import { Planner } from './planner.tsx'
import { Relay } from './relay.tsx'
import { useView } from './use-view.ts'
import { WifiTested } from './wifi-tested.tsx'
import { isRunning, sayWave, useAct, waveOf, WaveFigures } from './wave.tsx'

export function WavePage(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  const wave = waveOf(props.bench)
  return (
    <section className="second second-wave" aria-label={say('wave.page')}>
      <div className="wave-side">
        <Choice bench={props.bench} wave={wave} />
        <Planner bench={props.bench} />
        <Pacing count={wave !== null && isRunning(wave) ? wave.planned : props.bench.waiting} product={wave !== null && isRunning(wave) ? wave.product : mostWaiting(props.bench)} />
        <Networks bench={props.bench} />
        <Relay />
      </div>
      {wave === null ? <p className="panel quiet-word">{say('wave.none')}</p> : <Cameras bench={props.bench} wave={wave} />}
    </section>
  )
}

/** Said before the wave, while a label can still be changed for one that ties. */
function Untied(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  const waiting = waitingOf(props.bench)
  const n = waiting.filter(u => !isTied(u)).length
  return n === 0 ? null : <p className="warning" role="status">{say('wave.untied', { n, of: waiting.length })}</p>
}

/** Cameras in no wave yet. */
function waitingOf(bench: BenchView): readonly UnitView[] {
  return bench.units.filter(u => u.method === 'qr' && u.outcome === null && u.wave === null)
}

/** The product that most of the waiting cameras are of: the next wave's, unless somebody chooses another. */
function mostWaiting(bench: BenchView): string | null {
  const waiting = waitingOf(bench).flatMap(u => u.product ?? [])
  const counts = Map.groupBy(waiting, product => product)
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null
}

/** Accounts change rarely; the data centres to choose from are theirs. */
const ACCOUNTS_MS = 10_000

/** What the next wave is made of, and the word that starts or stops it. */
function Choice(props: { readonly bench: BenchView; readonly wave: WaveView | null }): ReactNode {
  const { say, words } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, act } = useAct()
  const { bench, wave } = props
  const [product, setProduct] = useState('')
  const [ssid, setSsid] = useState('')
  const [centre, setCentre] = useState('')
  const { value: accounts } = useView('account.list', {}, ACCOUNTS_MS)
  const centres = [...new Set(accounts?.map(a => a.region) ?? [])].toSorted()
  const products = new Map(bench.units.flatMap(u => u.method === 'qr' && u.product !== null && u.productName !== null ? [[u.product, u.productName] as const] : []))
  const wish = { ...(products.has(product) ? { product } : {}), ...(bench.wifi.some(w => w.ssid === ssid) ? { ssid } : {}), ...(centres.includes(centre) ? { centre } : {}) }
  const left = wave === null || isRunning(wave) ? 0 : leftoversOf(bench, wave).length
  const start = (more: { readonly leftoversOf?: string; readonly half?: 1 | 2 }): void => act(door.ask('wave.start', { ...wish, ...more }))
  return (
    <section className="panel" aria-label={say('wave.label')}>
      <h2>{say('wave.label')} {wave === null ? null : <span className={`wave-state wave-state-${wave.state}`}>{sayWave(wave, say)}</span>}</h2>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {wave === null ? null : <WaveFigures wave={wave} />}
      {wave === null ? null : <ul className="wave-told" aria-label={say('wave.told')}>{SOURCES.map(source => <li key={source}><strong>{wave.told[source]}</strong> {say(`wave.told.${source}`)}</li>)}</ul>}
      {wave?.centre == null ? null : <p className="quiet-word">{say('wave.centre')} <bdi>{wave.centre}</bdi> · <bdi>{wave.account}</bdi></p>}
      {wave !== null && isRunning(wave)
        ? <button type="button" className="wave-go" disabled={isAsking} onClick={() => act(door.ask('wave.stop', { wave: wave.uid }))}>{say('wave.stop')}</button>
        : (
            <>
              <p className="wave-choice">
                <label htmlFor="wave-product">{say('unit.product')}</label>
                <select id="wave-product" value={product} onChange={event => setProduct(event.target.value)}>
                  <option value="">{say('wave.most')}</option>
                  {[...products].map(([key, name]) => <option key={key} value={key}>{words(name)}</option>)}
                </select>
                <label htmlFor="wave-ssid">{say('wifi.label')}</label>
                <select id="wave-ssid" value={ssid} onChange={event => setSsid(event.target.value)}>
                  <option value="">{say('wifi.next')}</option>
                  {bench.wifi.map(w => <option key={w.ssid} value={w.ssid}>{w.ssid}</option>)}
                </select>
                {centres.length < 2
                  ? null
                  : (
                      <label>{say('wave.centre')} <select value={centre} onChange={event => setCentre(event.target.value)}>
                        <option value="">{say('wave.any-centre')}</option>
                        {centres.map(region => <option key={region} value={region}>{region}</option>)}
                      </select></label>
                    )}
              </p>
              <Untied bench={bench} />
              <button type="button" className="wave-go" disabled={isAsking || bench.waiting === 0} onClick={() => start({})}>{say('wave.start')} <span className="wave-waiting">{say('wave.waiting', { n: bench.waiting })}</span></button>
              {wave !== null && left > 0
                ? (
                    <p className="acts">
                      <button type="button" disabled={isAsking} onClick={() => start({ leftoversOf: wave.uid })}>{say('wave.again', { n: left })}</button>
                      {wave.named < wave.planned && left > 1
                        ? ([1, 2] as const).map(half => <button key={half} type="button" disabled={isAsking} onClick={() => start({ leftoversOf: wave.uid, half })}>{say('wave.half', { n: half })}</button>)
                        : null}
                    </p>
                  )
                : null}
            </>
          )}
    </section>
  )
}

const WIFI_SHAPE = { untried: 'ring', joined: 'circle-tick', failed: 'triangle-bang' } as const

function Networks(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  return (
    <section className="panel" aria-label={say('wifi.label')}>
      <h2>{say('wifi.label')}</h2>
      {props.bench.wifi.length === 0 ? <p className="quiet-word">{say('wifi.none')}</p> : null}
      <ul className="wifi-list">
        {props.bench.wifi.map(w => (
          <li key={w.ssid}>
            <p className="wifi-name"><Shape name={WIFI_SHAPE[w.state]} /> <bdi>{w.ssid}</bdi> <span className="quiet-word">{say(`wifi.${w.state}`)}{w.isNext ? ` · ${say('wifi.is-next')}` : ''}</span></p>
            <WifiTested wifi={w} />
            {w.odd.length > 0 ? <p className="warning">{say('wifi.odd', { text: w.odd.join(' ') })}</p> : null}
            {w.isPasswordOdd ? <p className="warning">{say('wifi.odd-password')}</p> : null}
            {w.version === null ? <p className="warning">{say('wifi.too-long', { n: w.bytes })}</p> : null}
          </li>
        ))}
      </ul>
      <p className="quiet-word small">{say('wifi.advice')}</p>
    </section>
  )
}

/** The wave's own cameras, then those that came uninvited. */
function camerasOf(bench: BenchView, wave: WaveView): readonly UnitView[] {
  const byUid = new Map<UnitId, UnitView>(bench.units.map(u => [u.uid, u]))
  return [...wave.units, ...wave.uninvited].flatMap(uid => byUid.get(uid) ?? [])
}

function leftoversOf(bench: BenchView, wave: WaveView): readonly UnitView[] {
  return camerasOf(bench, wave).filter(u => u.wave === wave.uid && u.outcome !== null && u.outcome !== 'proven')
}

/** A line of its own for each camera: where it stands, its three truths, why not and what to do. */
function Cameras(props: { readonly bench: BenchView; readonly wave: WaveView }): ReactNode {
  const { say } = useSpeech()
  const { bench, wave } = props
  const cameras = camerasOf(bench, wave)
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={say('wave.cameras')}>
      {wave.named < wave.planned ? <p className="warning wave-note">{say('wave.not-named', { n: wave.planned - wave.named, joined: wave.nameless, of: wave.planned })}</p> : null}
      {wave.uninvited.length > 0 ? <p className="warning wave-note">{say('wave.uninvited', { n: wave.uninvited.length })}</p> : null}
      <table className="cameras">
        <caption>{say('wave.cameras')} <span className="count">{cameras.length}</span></caption>
        <thead><tr><th scope="col">{say('unit.name')}</th><th scope="col">{say('find.outcome')}</th><th scope="col">{say('wave.told')}</th><th scope="col">{say('wave.why')}</th></tr></thead>
        <tbody>{cameras.map(unit => <CameraRow key={unit.uid} unit={unit} isUninvited={!wave.units.includes(unit.uid)} isOver={!isRunning(wave)} />)}</tbody>
      </table>
    </div>
  )
}

function CameraRow(props: { readonly unit: UnitView; readonly isUninvited: boolean; readonly isOver: boolean }): ReactNode {
  const { say, words } = useSpeech()
  const { unit } = props
  const isAsked = props.isOver && unit.outcome === 'unproven' && unit.light === null
  return (
    <tr>
      <td><bdi>{unit.name}</bdi>{props.isUninvited ? <span className="warning"> {say('wave.guest')}</span> : null}</td>
      <td className={`cell-outcome outcome-${unit.outcome ?? 'open'}`}><Shape name={standingOf(unit).shape} /> {sayStanding(unit, say)}</td>
      <td><Told sources={unit.sources} /></td>
      <td className="camera-why">
        {unit.fault === null ? null : <><strong>{words(FAULTS[unit.fault.code].title)}</strong> {words(FAULTS[unit.fault.code].action)}</>}
        {isAsked ? <LampQuestion unit={unit.uid} /> : null}
        {unit.light === null ? null : <CameraLamp light={unit.light} />}
      </td>
    </tr>
  )
}

const SOURCES = ['network', 'cloud', 'hands'] as const satisfies readonly (keyof WaveSources)[]

function Told(props: { readonly sources: WaveSources | undefined }): ReactNode {
  const { say } = useSpeech()
  const some = SOURCES.filter(source => props.sources?.[source] === true)
  return some.length === 0 ? <span className="quiet-word">{say('wave.told.nobody')}</span> : some.map(source => <span key={source} className="camera-told"><Shape name="circle-tick" /> {say(`wave.by.${source}`)}</span>)
}

/** Asked once, in pictures: the answer is a reason and an action, never success. */
export function LampQuestion(props: { readonly unit: UnitId }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, act } = useAct()
  return (
    <div className="lamp-question" role="group" aria-label={say('light.question')}>
      <p>{say('light.question')}</p>
      {LIGHTS.map((light: Light) => <button key={light} type="button" disabled={isAsking} onClick={() => act(door.ask('unit.light', { unit: props.unit, light }))}><CameraLamp light={light} /></button>)}
      {fault === null ? null : <FaultCard fault={fault} />}
    </div>
  )
}
