/** Certificates: made for a proven unit, and checked from a file or by the scan of a unit. Four answers, four shapes, never two. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { AssessedView, BenchView, CertificateStateName, ScanView } from '#shared'
import { DASH } from '../../common/age.tsx'
import { FaultCard } from '../../common/fault-card.tsx'
import { usePage, useSpeech } from '../../common/page.tsx'
import { Shape, type ShapeName } from '../../common/shapes.tsx'
import { PaperButton } from '../paper.tsx'
import { useCommand } from '../use-command.ts'

/** As in the door table. */
const TEXT_CHARS_MAX = 65_536
const WORD = { 'valid': 'valid', 'altered': 'altered', 'unknown key': 'unknown-key', 'unsigned': 'unsigned' } as const satisfies Record<CertificateStateName, string>
const SHAPE = { 'valid': 'circle-tick', 'altered': 'triangle-bang', 'unknown key': 'square-pause', 'unsigned': 'diamond' } as const satisfies Record<CertificateStateName, ShapeName>

export function CertificatesTab(props: { readonly bench: BenchView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { fault, isAsking, run } = useCommand()
  const [found, setFound] = useState<AssessedView | null>(null)
  const [text, setText] = useState('')
  const check = (given: string): void => {
    setFound(null)
    run(door.ask('certificate.verify', { text: given.slice(0, TEXT_CHARS_MAX) }).then(setFound))
  }
  const checkUnit = async (unit: string): Promise<void> => {
    const { text: made } = await door.ask('certificate.make', { unit })
    setFound(await door.ask('certificate.verify', { text: made }))
  }
  useScannedUnit(props.bench.scan, unit => run(checkUnit(unit)))
  return (
    <div className="panel certificates">
      <h2>{say('cert.check')}</h2>
      <p className="quiet-word">{say('cert.how')}</p>
      <p className="acts">
        <label className="file-button">{say('cert.file')} <input type="file" accept=".json,application/json" disabled={isAsking} onChange={event => {
          const file = event.target.files?.[0]
          if (file) void file.text().then(check, () => check('-'))
        }} /></label>
      </p>
      <form className="typed" onSubmit={event => { event.preventDefault(); if (text.trim() !== '') check(text) }}>
        <label htmlFor="certificate-text">{say('cert.text')}</label>
        <textarea id="certificate-text" rows={4} value={text} maxLength={TEXT_CHARS_MAX} spellCheck={false} onChange={event => setText(event.target.value)} />
        <button type="submit" disabled={isAsking}>{say('cert.go')}</button>
      </form>
      {fault === null ? null : <FaultCard fault={fault} isFull />}
      {found === null ? null : <Found found={found} />}
    </div>
  )
}

/** A unit that is scanned while this tab is open has its certificate made and checked. */
function useScannedUnit(scan: ScanView | null, act: (unit: string) => void): void {
  const at = scan?.at ?? 0
  const seen = useRef(at)
  const latest = useRef(act)
  useEffect(() => { latest.current = act })
  useEffect(() => {
    if (at <= seen.current) return
    seen.current = at
    if (scan?.unit && (scan.heard === 'unit' || scan.heard === 'label' || scan.heard === 'certificate')) latest.current(scan.unit.uid)
  }, [at, scan])
}

function Found(props: { readonly found: AssessedView }): ReactNode {
  const { say } = useSpeech()
  const { door } = usePage()
  const { found } = props
  const rows = [['cert.id', found.id], ['unit.name', found.unit], ['cert.grade', found.grade], ['truth.proven', found.provenAt], ['cert.station', found.station]] as const
  return (
    <div role="status" className={`certificate-state certificate-${WORD[found.state]}`}>
      <p className="certificate-word"><Shape name={SHAPE[found.state]} /> {say(`cert.is.${WORD[found.state]}`)}</p>
      <p>{say(`cert.means.${WORD[found.state]}`)}</p>
      {found.isBench === true ? <p className="check-bad">{say('cert.is-bench')}</p> : null}
      {found.state === 'valid' && found.unit !== null ? <p className="acts"><PaperButton word="paper.certificate" make={() => door.ask('certificate.paper', { unit: found.unit ?? '' })} /></p> : null}
      <dl className="rows">{rows.map(([key, value]) => <div key={key}><dt>{say(key)}</dt><dd><bdi><code>{value ?? DASH}</code></bdi></dd></div>)}</dl>
    </div>
  )
}
