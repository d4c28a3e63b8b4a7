/** A wired unit of the virtual bench with a console and a relay: its boot loader can be stopped, its settings erased. */
import { seconds } from '#shared'
import type { BytePipe } from '../../src/main/ports.ts'
import type { VirtualClock } from '../../src/main/virtual/clock.ts'
import type { VirtualSerial } from '../../src/main/virtual/serial.ts'
import type { VirtualUnit } from '../../src/main/virtual/unit.ts'
import { FOREVER, scripted } from './virtual-console.ts'

export const CONSOLE = '/dev/serial/by-path/console1'
export const RELAY = '/dev/serial/by-path/relay'

export type Mishap = 'none' | 'power-cut' | 'closed' | 'erase-fails' | 'lies'

/** `start`: called by the relay each time the unit gets power. */
export function plugConsole(serial: VirtualSerial, clock: VirtualClock, unit: VirtualUnit, mishap: Mishap = 'none') {
  let line = ''
  let isStopped = false
  let isErased = false
  let isBooting = false
  const heard: string[] = []
  const { unit: mouth, attach } = scripted(clock, async (self, byte) => {
    if (byte === ' ' && isBooting && !isStopped && mishap !== 'closed') {
      isStopped = true
      await self.say('Hit any key to stop autoboot:  2 \b\b\b 0\r\n=> ')
      return
    }
    if (!isStopped) return
    if (byte === '\u0003') {
      line = ''
      await self.say('<INTERRUPT>\r\n=> ')
    } else if (byte !== '\r') {
      line += byte
      await self.say(byte)
    } else {
      const command = line.trim()
      line = ''
      heard.push(command)
      const answer = await run(command)
      if (answer !== '') await self.say(`\r\n${answer}`)
    }
  })
  const run = async (command: string): Promise<string> => {
    if (command.startsWith('protect off')) return 'Un-Protected 2 sectors\r\n=> '
    if (command.startsWith('erase')) {
      if (mishap === 'erase-fails') return 'Failed (1)\r\n=> '
      if (mishap === 'power-cut') {
        isStopped = false
        isBooting = false
        unit.powerOff()
        return ''
      }
      isErased = true
      return '.. done\r\nErased 2 sectors\r\n=> '
    }
    if (command === 'reset') {
      if (isErased && mishap !== 'lies') void wipe()
      await mouth.say('\r\nresetting ...\r\n')
      await boot()
      return ''
    }
    return command.startsWith('printenv') ? `## Error: "owner" not defined\r\n=> ` : '=> '
  }
  /** What it wipes in its memory, as soon as its own software runs. */
  const wipe = async (): Promise<void> => {
    while (unit.state.phase === 'starting') await clock.sleep(seconds(1), FOREVER)
    unit.pressReset()
  }
  const boot = async (): Promise<void> => {
    isStopped = false
    isBooting = true
    clock.after(seconds(5), () => { isBooting = false }) // later keys find its own software
    await mouth.say(`\r\nU-Boot 2023.01\r\nLoading Environment from Flash... ${isErased ? '*** Warning - bad CRC, using default environment\r\n' : 'OK\r\n'}`)
    if (mishap === 'closed') await mouth.say('DH-Boot, secure boot\r\nstarting system\r\n')
  }
  serial.plug({ path: CONSOLE, label: 'CP2102', usb: '10c4:ea60' }, attach)
  let frame: number[] = []
  serial.plug({ path: RELAY, label: 'CH340', usb: '1a86:7523' }, (pipe: BytePipe) => {
    void (async () => {
      for (;;) {
        const bytes = await pipe.read(new AbortController().signal).catch(() => null)
        if (bytes === null) return
        frame.push(...bytes)
        while (frame.length >= 4) {
          const isDriven = frame[2] === 1
          frame = frame.slice(4)
          if (isDriven) unit.powerOff()
          else {
            unit.powerOn()
            void boot()
          }
        }
      }
    })()
  })
  return { heard, boot }
}
