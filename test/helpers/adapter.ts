/**
 * A serial adapter of the real kernel for tests: a pty made by socat, whose other end is in our hands. What passes can be
 * spoilt on the way (noise, lost bytes, slowness), and the adapter can be pulled.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

/** Programs these tests need; in CI a missing one is a failure, elsewhere a named skip. */
export function missingPrograms(...programs: readonly string[]): readonly string[] {
  const missing = programs.filter(p => p.startsWith('/') ? !existsSync(p) : spawnSync('which', [p]).status !== 0)
  if (missing.length > 0 && process.env['CI']) throw new Error(`these programs are missing, and this is CI: ${missing.join(', ')}`)
  return missing
}

/** What happens to bytes on the wire; gives what is left of them. */
export type Spoil = (bytes: Buffer) => Buffer

export class Adapter implements AsyncDisposable {
  readonly path: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'ub-adapter-'))
  readonly #socat: ChildProcess
  /** Every byte the station has written. */
  written = Buffer.alloc(0)
  onWritten: (bytes: Buffer) => void = () => undefined
  toStation: Spoil = bytes => bytes
  /** Milliseconds between two bytes to the station; 0: as they come. */
  slowMs = 0
  #late = Buffer.alloc(0)
  #isDripping = false
  toUnit: Spoil = bytes => bytes

  private constructor() {
    this.path = join(this.#folder, 'ttyUB0')
    this.#socat = spawn('socat', ['-b65536', `PTY,link=${this.path},raw,echo=0`, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#socat.stdin?.on('error', () => undefined)
    this.#socat.stdout?.on('data', (bytes: Buffer) => {
      this.written = Buffer.concat([this.written, bytes])
      const left = this.toUnit(bytes)
      if (left.length > 0) this.onWritten(left)
    })
  }

  static async open(): Promise<Adapter> {
    const adapter = new Adapter()
    for (let i = 0; i < 100 && !existsSync(adapter.path); i += 1) await pause(20)
    if (!existsSync(adapter.path)) throw new Error('socat made no pty')
    return adapter
  }

  /** What the unit says. */
  say(bytes: Buffer | string): boolean {
    const left = this.toStation(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    if (this.slowMs > 0 && left.length > 0) {
      this.#late = Buffer.concat([this.#late, left])
      if (!this.#isDripping) void this.#drip()
      return true
    }
    return left.length === 0 || this.#socat.stdin?.writable !== true || this.#socat.stdin.write(left)
  }

  async #drip(): Promise<void> {
    this.#isDripping = true
    for (let from = performance.now(); this.#late.length > 0 && this.#socat.stdin?.writable === true;) {
      await pause(this.slowMs)
      const due = Math.floor((performance.now() - from) / this.slowMs) // more than one on a busy machine
      from += due * this.slowMs
      this.#socat.stdin.write(this.#late.subarray(0, due))
      this.#late = this.#late.subarray(due)
    }
    this.#isDripping = false
  }

  async drained(): Promise<void> {
    while ((this.#socat.stdin?.writableLength ?? 0) > 0) await pause(5)
  }

  pull(): void {
    this.#socat.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socat.exitCode === null && this.#socat.signalCode === null) {
      const ended = new Promise(resolve => { this.#socat.once('exit', resolve) })
      this.#socat.kill('SIGKILL')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Seeded chance, so that a spoilt line is spoilt the same way again. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Loses one byte in `n`. */
export function losing(n: number, random: () => number): Spoil {
  return bytes => Buffer.from(bytes.filter(() => random() >= 1 / n))
}

/** Changes one bit of one byte in `n`. */
export function noisy(n: number, random: () => number): Spoil {
  return bytes => Buffer.from(bytes.map(b => random() < 1 / n ? b ^ (1 << Math.floor(random() * 8)) : b))
}
