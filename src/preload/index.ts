/** The only file that knows contextBridge: hands the door to the page and nothing else. Sandboxed, so it may ask for electron only. */
import { contextBridge, ipcRenderer } from 'electron'
import type { DoorClient, DoorEventName, DoorFrame } from '#shared'

// As in main/hosts/ipc.ts; a sandboxed preload cannot import it.
const ASK_CHANNEL = 'door'
const PUSH_CHANNEL = 'door.push'

type Follower = (payload: never) => void
const followers = new Map<DoorEventName, Set<Follower>>()
let lastId = 0

const door: DoorClient = {
  async ask(name, params) {
    lastId += 1
    const frame: DoorFrame | null = await ipcRenderer.invoke(ASK_CHANNEL, JSON.stringify({ id: lastId, name, params }))
    if (frame === null || !('answer' in frame)) throw fault
    if (!frame.answer.ok) throw frame.answer.fault
    return frame.answer.value as never // main pairs name and result by the door table
  },
  on(event, fn) {
    const fns = followers.get(event) ?? new Set<Follower>()
    const isNew = !followers.has(event)
    fns.add(fn)
    followers.set(event, fns)
    if (isNew) void ipcRenderer.invoke(ASK_CHANNEL, JSON.stringify({ follow: [...followers.keys()] }))
    return () => { fns.delete(fn) }
  }
}

/** What the page hears when main refuses the conversation itself. */
const fault = { code: 'door.invalid', context: {} } as const

ipcRenderer.on(PUSH_CHANNEL, (_event, text: string) => {
  const frame = JSON.parse(text) as DoorFrame // main has just written it
  if (!('event' in frame)) return
  for (const fn of followers.get(frame.event) ?? []) fn(frame.payload as never) // followers are kept by event name
})

contextBridge.exposeInMainWorld('station', door)
