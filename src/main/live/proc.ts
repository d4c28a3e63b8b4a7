/** Proc: runs a program to its end, never through a shell. A program that is not there ends with 127, as in a shell. */
import { spawn } from 'node:child_process'
import type { Proc } from '../ports.ts'

/** Of each stream; what comes after is read and dropped. */
const OUTPUT_BYTES_MAX = 1024 * 1024
const NOT_FOUND = 127
const NOT_ALLOWED = 126
/** How long a program may take to obey SIGTERM. */
const KILL_AFTER_MS = 2000

export class LiveProc implements Proc {
  run(program: string, args: readonly string[], signal: AbortSignal): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>()
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: false, windowsHide: true })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    let killer: NodeJS.Timeout | undefined
    const stop = (): void => {
      child.kill('SIGTERM')
      killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    }
    signal.addEventListener('abort', stop, { once: true })
    const finish = (code: number, error: string): void => {
      clearTimeout(killer)
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else resolve({ code, stdout: stdout(), stderr: error || stderr() })
    }
    child.once('error', (thrown: NodeJS.ErrnoException) => {
      if (child.pid === undefined) finish(thrown.code === 'ENOENT' ? NOT_FOUND : NOT_ALLOWED, `${program}: ${thrown.code ?? thrown.message}`)
    })
    child.once('close', (code, killedBy) => finish(code ?? (killedBy === null ? 1 : 128), ''))
    return promise
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Uint8Array[] = []
  let size = 0
  stream.on('data', (chunk: Uint8Array) => {
    if (size >= OUTPUT_BYTES_MAX) return
    chunks.push(chunk)
    size += chunk.byteLength
  })
  return () => Buffer.concat(chunks).subarray(0, OUTPUT_BYTES_MAX).toString('utf8')
}
