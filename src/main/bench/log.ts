/**
 * Structured lines: constant text, values as fields, a child logger for each job. Facts are for operators and auditors,
 * logs for us; nothing is decided by reading a log. Secrets are masked by their type, not by their name.
 */
import type { Instant } from '#shared'
import { Fault } from '../domain/fault.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'
export type LogFields = Readonly<Record<string, unknown>>
export interface LogLine { readonly at: Instant; readonly level: LogLevel; readonly text: string; readonly fields: LogFields }
export type LogSink = (line: LogLine) => void

/** A value that prints as dots wherever it ends up: JSON, template, console. `reveal` is the only way in. */
export class Secret<T> {
  readonly #value: T
  constructor(value: T) { this.#value = value }
  reveal(): T { return this.#value }
  toString(): string { return '••••' }
  toJSON(): string { return '••••' }
  [Symbol.for('nodejs.util.inspect.custom')](): string { return '••••' }
}

export class Log {
  readonly #sink: LogSink
  readonly #now: () => Instant
  readonly #fields: LogFields

  constructor(sink: LogSink, now: () => Instant, fields: LogFields = {}) {
    this.#sink = sink
    this.#now = now
    this.#fields = fields
  }

  child(fields: LogFields): Log {
    return new Log(this.#sink, this.#now, { ...this.#fields, ...fields })
  }

  /** Someone must act. */
  error(text: string, fields: LogFields = {}): void { this.#write('error', text, fields) }
  /** The bench helped itself. */
  warn(text: string, fields: LogFields = {}): void { this.#write('warn', text, fields) }
  /** A job moves. */
  info(text: string, fields: LogFields = {}): void { this.#write('info', text, fields) }
  /** Bytes. */
  debug(text: string, fields: LogFields = {}): void { this.#write('debug', text, fields) }

  fault(text: string, fault: Fault, fields: LogFields = {}): void {
    const cause = fault.cause instanceof Error ? fault.cause.stack : undefined
    this.#write(fault.row.blame === 'program' ? 'error' : 'warn', text, { ...fields, ...fault.context, code: fault.code, ...(cause === undefined ? {} : { cause }) })
  }

  #write(level: LogLevel, text: string, fields: LogFields): void {
    this.#sink({ at: this.#now(), level, text, fields: { ...this.#fields, ...fields } })
  }
}
