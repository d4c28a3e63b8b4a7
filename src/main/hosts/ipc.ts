/**
 * The gate for the Electron windows: one question channel, one push channel. Only the main frame of a window that shows
 * one of our own pages is heard; everybody else gets a refusal and no reason.
 */
import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron'
import type { DoorFrame } from '#shared'
import { DoorSession, refusal, type DoorGate } from './frames.ts'

export const ASK_CHANNEL = 'door'
export const PUSH_CHANNEL = 'door.push'
/** The only origin our pages have; see `servePages` in boot.ts. */
export const PAGE_SCHEME = 'app'
export const PAGE_HOST = 'unbindery'
const WINDOWS_MAX = 8

export function serveIpc(gate: DoorGate): Disposable {
  const sessions = new Map<WebContents, DoorSession>()
  ipcMain.handle(ASK_CHANNEL, async (event, text: unknown): Promise<DoorFrame | null> => {
    if (!isOurs(event) || typeof text !== 'string') return { id: 0, answer: refusal('door.invalid', 'refused') }
    const session = sessionOf(gate, sessions, event.sender)
    return session === null ? { id: 0, answer: refusal('door.invalid', 'too many windows') } : await session.answer(text)
  })
  return {
    [Symbol.dispose]: () => {
      ipcMain.removeHandler(ASK_CHANNEL)
      for (const session of sessions.values()) session[Symbol.dispose]()
      sessions.clear()
    }
  }
}

function sessionOf(gate: DoorGate, sessions: Map<WebContents, DoorSession>, window: WebContents): DoorSession | null {
  const known = sessions.get(window)
  if (known) return known
  if (sessions.size >= WINDOWS_MAX) return null
  const session = new DoorSession(gate, 'ipc', {
    send: text => { if (!window.isDestroyed()) window.send(PUSH_CHANNEL, text) },
    backlog: () => 0, // Electron does not tell; a dead window is destroyed, and a live one takes what it gets
    drop: () => { sessions.delete(window) }
  })
  sessions.set(window, session)
  window.once('destroyed', () => {
    session[Symbol.dispose]()
    sessions.delete(window)
  })
  return session
}

/** The address of the asking frame, not of the window: a frame inside our page is not our page. */
function isOurs(event: IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && isOurPage(frame.url)
}

export function isOurPage(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.protocol === `${PAGE_SCHEME}:` && parsed.host === PAGE_HOST
}
