/** A paper of the station: one press makes it and saves it, to be looked at or printed at its true size; the link stays until another is made. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { PaperView } from '#shared'
import { FaultCard } from '../common/fault-card.tsx'
import { useSpeech } from '../common/page.tsx'
import type { TextKey } from '../common/text.ts'
import { useCommand } from './use-command.ts'

/** A paper, or a text that is kept as it was signed. */
export type SavedFile = Omit<PaperView, 'type'> & { readonly type: PaperView['type'] | 'application/json' }

interface Made { readonly name: string; readonly url: string }

export function PaperButton(props: { readonly word: TextKey; readonly make: () => Promise<SavedFile>; readonly isIdle?: boolean }): ReactNode {
  const { say } = useSpeech()
  const { fault, isAsking, run } = useCommand()
  const [made, setMade] = useState<Made | null>(null)
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (made === null) return undefined
    link.current?.click()
    return () => URL.revokeObjectURL(made.url)
  }, [made])
  return (
    <span className="paper">
      <button type="button" disabled={isAsking || props.isIdle === true} onClick={() => run(props.make().then(paper => setMade(madeOf(paper))))}>{say(props.word)}</button>
      {made === null ? null : <a ref={link} className="paper-link" download={made.name} href={made.url}><bdi>{made.name}</bdi></a>}
      {fault === null ? null : <FaultCard fault={fault} />}
    </span>
  )
}

function madeOf({ name, type, base64 }: SavedFile): Made {
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  return { name, url: URL.createObjectURL(new Blob([bytes], { type })) }
}
