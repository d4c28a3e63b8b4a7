/** Who can give the right to unbind a product, and the way there on the vendor's platform, for both routes. */
import type { ReactNode } from 'react'
import { GRANT_ROUTES } from '#shared'
import { useSpeech } from './page.tsx'

export function Grants(): ReactNode {
  const { say, words } = useSpeech()
  return (
    <details className="grants">
      <summary>{say('account.grants')}</summary>
      {GRANT_ROUTES.map(route => (
        <div key={route.title.en}>
          <h3>{words(route.title)}</h3>
          <p>{words(route.who)}</p>
          <ol>{route.steps.map(step => <li key={step.en}>{words(step)}</li>)}</ol>
        </div>
      ))}
    </details>
  )
}
