/** The types of node.mjs, which must stay plain JavaScript. */
import type { ChildProcess } from 'node:child_process'

export function findNode(from: string): string | null
export function withNode(file: string): boolean
export function passOn(child: ChildProcess): void
