/**
 * Pages in files of their own. Each comes when it is asked for, or before, once the console has nothing else to do; what has come
 * is drawn at once, where React would show an empty place for 300 ms first.
 */
import { createElement, lazy, useState, type ComponentType, type ReactNode } from 'react'

interface Later<P> {
  readonly Page: (props: P) => ReactNode
  /** A page that cannot be had now is asked for again when it is opened. */
  readonly fetch: () => void
}

export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  let come: ComponentType<P> | null = null
  const take = async (): Promise<{ default: ComponentType<P> }> => ({ default: come = await load() })
  const Coming: ComponentType<P> = lazy(take)
  return {
    Page: props => {
      const [Drawn] = useState(() => come ?? Coming) // the same for as long as the page is open
      return createElement(Drawn, props)
    },
    fetch: () => { take().catch(() => undefined) }
  }
}

/** Now, in a browser that cannot tell when it is idle. */
export function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work)
  else work()
}
