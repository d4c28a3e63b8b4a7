import { expect, it } from 'vitest'
import { neighboursOf, sentPacketsOf } from '../../src/main/live/cards.ts'

// proc_pid_net(5), as a Linux 6 kernel prints it.
const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.66       0x1         0x2         02:00:00:77:00:66     *        bench0
10.77.0.99       0x1         0x0         00:00:00:00:00:00     *        bench0
192.0.2.254      0x1         0x2         02:00:00:99:00:01     *        office0
10.77.0.70       0x1         0x6         02:00:00:AB:00:70     *        bench0
`

it('the neighbours of a card are those that have answered on it', () => {
  expect([...neighboursOf(ARP, 'bench0')]).toEqual([['10.77.0.66', '02:00:00:77:00:66'], ['10.77.0.70', '02:00:00:ab:00:70']])
})

it('a system without such a table knows nobody', () => {
  expect(neighboursOf('', 'bench0').size).toBe(0)
})

it('what each card has sent is counted by the kernel, the loopback left out', () => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  123456     1200    0    0    0     0          0         0   123456    1200    0    0    0     0       0          0
bench0: 98765432  123456    0    0    0     0          0         0 87654321  654321    0    0    0     0       0          0
office0:12345      12     0    0    0     0          0         0 54321      34    0    0    0     0       0          0
`
  expect([...sentPacketsOf(table)]).toEqual([['bench0', 654_321], ['office0', 34]])
})
