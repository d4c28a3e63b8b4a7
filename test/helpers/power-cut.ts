/**
 * Power cuts without pulling a plug (facts/store-and-sync.md 3.5): every write and every fsync of a process is taken down by
 * strace, and what a disk may hold at any moment is put together from it. What was synced is there; of what was not, each
 * sector of 512 bytes may have arrived or not, in any order.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const SECTOR = 512

type Step = { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer } | { readonly kind: 'cut'; readonly file: string; readonly size: number } | { readonly kind: 'sync'; readonly file: string } | { readonly kind: 'said'; readonly text: string }
interface Disk { durable: Buffer; pending: Extract<Step, { kind: 'write' | 'cut' }>[] }
export interface Image { /** What had been said when the power went. */ readonly said: string; /** Puts the files into a folder. */ writeTo(folder: string): void }

/** Runs a script of ours under strace; `files`: the files that matter, which lie as they are on a disk that holds all of them. */
export function trace(script: string, args: readonly string[], files: readonly string[], log: string): Step[] {
  const { status } = spawnSync('strace', ['-f', '-y', '-xx', '-s', '70000', '-e', 'trace=pwrite64,write,fsync,fdatasync,ftruncate', '-o', log, process.execPath, script, ...args], { stdio: 'ignore', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`the traced writer ended with ${status}`)
  const wanted = new Set(files)
  return whole(readFileSync(log, 'latin1').split('\n')).flatMap((line): Step[] => stepOf(line, wanted))
}

/** A call during which another thread was heard stands on two lines; it has happened where it ends. */
function whole(lines: readonly string[]): string[] {
  const begun = new Map<string, string>()
  return lines.flatMap(line => {
    const [, thread = '', call] = /^(\d+) +(.*) <unfinished \.\.\.>$/.exec(line) ?? []
    if (call !== undefined) {
      begun.set(thread, `${thread} ${call}`)
      return []
    }
    const [, again = '', rest] = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? []
    return [rest === undefined ? line : `${begun.get(again) ?? ''}${rest}`]
  })
}

/** A line such as `12 pwrite64(22</tmp/x/ledger.db-wal>, "\x37\x7f", 2, 0) = 2`; paths are escaped as well. */
function stepOf(line: string, wanted: ReadonlySet<string>): Step[] {
  const call = /^\d+ +(\w+)\((\d+)(?:<([^>]*)>)?(?:, (.*))?\) += (\d+)/.exec(line)
  if (!call) return []
  const [, name = '', fd = '', path = '', rest = '', result = ''] = call
  const file = plain(path).toString()
  const text = /^"([^"]*)"/.exec(rest)?.[1] ?? ''
  if (name === 'write') return fd === '1' ? [{ kind: 'said', text: plain(text).toString() }] : []
  if (!wanted.has(file)) return []
  if (name === 'pwrite64') return [{ kind: 'write', file, at: Number(/, (\d+)$/.exec(rest)?.[1]), bytes: plain(text).subarray(0, Number(result)) }]
  return name === 'ftruncate' ? [{ kind: 'cut', file, size: Number(rest) }] : [{ kind: 'sync', file }]
}

/** strace writes either all of a string in hex or the string as it is. */
const plain = (text: string): Buffer => text.includes('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex') : Buffer.from(text, 'latin1')

/** `count` images of cuts at moments chosen by `luck` (0 to 1), in the order of time. */
export function* images(steps: readonly Step[], before: ReadonlyMap<string, Buffer>, count: number, luck: () => number): Generator<Image> {
  const moments = Array.from({ length: count }, () => Math.floor(luck() * (steps.length + 1))).toSorted((a, b) => a - b)
  const disks = new Map<string, Disk>([...before].map(([file, durable]) => [file, { durable, pending: [] }]))
  let said = ''
  let done = 0
  for (const moment of moments) {
    for (; done < moment; done += 1) {
      const step = steps[done]
      if (step?.kind === 'said') said = step.text
      else if (step) take(disks, step)
    }
    const odds = [0, 1, luck(), luck()][Math.floor(luck() * 4)] ?? 0
    const contents = [...disks].map(([file, disk]) => [file, arrived(disk, () => luck() < odds)] as const)
    yield { said, writeTo: folder => { for (const [file, bytes] of contents) writeFileSync(join(folder, basename(file)), bytes) } }
  }
}

function take(disks: Map<string, Disk>, step: Exclude<Step, { kind: 'said' }>): void {
  const disk = disks.get(step.file) ?? { durable: Buffer.alloc(0), pending: [] }
  disks.set(step.file, disk)
  if (step.kind === 'sync') {
    disk.durable = arrived(disk, () => true)
    disk.pending = []
  } else {
    disk.pending.push(step)
  }
}

/** What is on the disk when each unsynced sector has come or has not. */
function arrived({ durable, pending }: Disk, hasCome: () => boolean): Buffer {
  const end = Math.max(durable.length, ...pending.map(step => step.kind === 'write' ? step.at + step.bytes.length : 0))
  let bytes = Buffer.concat([durable, Buffer.alloc(end - durable.length)])
  let size = durable.length
  for (const step of pending) {
    if (step.kind === 'cut') {
      if (!hasCome()) continue
      size = step.size
      bytes = Buffer.concat([bytes.subarray(0, size), Buffer.alloc(Math.max(0, end - size))])
      continue
    }
    for (let from = 0; from < step.bytes.length; from += SECTOR - (step.at + from) % SECTOR) {
      const to = Math.min(step.bytes.length, from + SECTOR - (step.at + from) % SECTOR)
      if (!hasCome()) continue
      step.bytes.copy(bytes, step.at + from, from, to)
      size = Math.max(size, step.at + to)
    }
  }
  return bytes.subarray(0, size)
}
