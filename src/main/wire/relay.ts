/**
 * Relay boards with a serial port (facts/devices-and-consoles.md 6): LCUS frames of four bytes, Numato lines of text. Many
 * boards answer nothing and tell no state, so what they do is only known by what is driven.
 */
import { Fault } from '../domain/fault.ts'
import { bytesOf } from './console-text.ts'

export const BOARDS = ['lcus', 'numato'] as const
export type Board = (typeof BOARDS)[number]
export const BOARD_BAUD: Readonly<Record<Board, number>> = { lcus: 9600, numato: 115_200 }
/** LCUS counts its channels from 1, Numato from 0; the station counts from 1. */
export const CHANNELS_MAX: Readonly<Record<Board, number>> = { lcus: 8, numato: 32 }

const LCUS_START = 0xa0

/** What to send so that the channel (from 1) is closed or open. Faults: `program.unexpected` outside the board. */
export function relayBytes(board: Board, channel: number, isClosed: boolean): Uint8Array {
  if (!Number.isInteger(channel) || channel < 1 || channel > CHANNELS_MAX[board]) throw new Fault('program.unexpected', { text: `${board} has no channel ${channel}` })
  switch (board) {
    case 'lcus': {
      const state = isClosed ? 1 : 0
      return Uint8Array.of(LCUS_START, channel, state, (LCUS_START + channel + state) & 0xff)
    }
    // Numato numbers 10 and above by letters: relay on A
    case 'numato': return bytesOf(`relay ${isClosed ? 'on' : 'off'} ${(channel - 1).toString(36).toUpperCase()}\r`)
    default: return board satisfies never
  }
}

/** The question a Numato board answers with `on` or `off`; null: the board cannot say. */
export function relayQuestion(board: Board, channel: number): Uint8Array | null {
  return board === 'numato' ? bytesOf(`relay read ${(channel - 1).toString(36).toUpperCase()}\r`) : null
}

/** The state in what a Numato board printed after the question: its echo, the word, its prompt. */
export function readRelay(text: string): boolean | null {
  const word = /(?:^|[\r\n])(on|off)[\r\n]/.exec(text)?.[1]
  return word === undefined ? null : word === 'on'
}
