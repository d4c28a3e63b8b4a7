/**
 * F2: a code by hand, where a label cannot be read. On a screen that is touched it brings its own keys: large enough for
 * gloves, and no other keyboard is needed.
 */
import { useRef, useState, type ReactNode } from 'react'
import { useSpeech } from '../common/page.tsx'
import { SCAN_CHARS_MAX } from '../common/scanner.ts'

/** What our own cards and labels begin with; then what labels are made of, in the order of a keyboard. */
const STARTS = ['OP:', 'LB:', 'TT:', 'RS:', 'CM:', 'P'] as const
const ROWS = ['1234567890:', 'QWERTYUIOP-', 'ASDFGHJKL;', 'ZXCVBNM./_'] as const

export function TypedCode(props: { readonly onSend: (text: string) => void }): ReactNode {
  const { say } = useSpeech()
  const [text, setText] = useState('')
  const [isSmall, setSmall] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const put = (next: string): void => {
    setText(next.slice(0, SCAN_CHARS_MAX))
    field.current?.focus()
  }
  const letter = (key: string): string => isSmall ? key.toLowerCase() : key
  return (
    <form
      className="typed"
      onSubmit={event => {
        event.preventDefault()
        if (text.trim() !== '') props.onSend(text.trim())
      }}
    >
      <label htmlFor="typed-code">{say('scan.type')}</label>
      <input ref={field} id="typed-code" value={text} maxLength={SCAN_CHARS_MAX} inputMode="none" autoFocus autoComplete="off" spellCheck={false} onChange={event => setText(event.target.value)} />
      <button type="submit">{say('scan.send')}</button>
      <div className="code-pad" role="group" aria-label={say('scan.pad')}>
        <p>
          {STARTS.map(start => <button key={start} type="button" onClick={() => put(start)}>{start}</button>)}
          <button type="button" aria-pressed={isSmall} onClick={() => setSmall(!isSmall)}>{say(isSmall ? 'scan.pad.small' : 'scan.pad.large')}</button>
          <button type="button" aria-label={say('scan.pad.back')} onClick={() => put(text.slice(0, -1))}>{say('pin.back-key')}</button>
          <button type="submit" className="code-send">{say('scan.send')}</button>
        </p>
        {ROWS.map(row => <p key={row}>{Array.from(row, key => <button key={key} type="button" onClick={() => put(text + letter(key))}>{letter(key)}</button>)}</p>)}
      </div>
    </form>
  )
}
