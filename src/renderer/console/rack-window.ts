/** The rack display in a window of its own: opened and closed by the same key. Inside Electron the station opens it itself. */
import { useRef, useState } from 'react'
import { keyOfPage } from '../common/bridge.ts'

export interface RackWindow { readonly isOpen: boolean; readonly canOpen: boolean; readonly toggle: () => void }

export function useRackWindow(): RackWindow {
  const shown = useRef<Window | null>(null)
  const [isOpen, setOpen] = useState(false)
  const key = keyOfPage(window)
  const toggle = (): void => {
    if (key === null) return
    if (shown.current !== null && !shown.current.closed) {
      shown.current.close()
      shown.current = null
      setOpen(false)
      return
    }
    shown.current = window.open(`display.html#key=${key}`, 'rack')
    setOpen(shown.current !== null)
  }
  return { isOpen, canOpen: key !== null, toggle }
}
