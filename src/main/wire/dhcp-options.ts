// table
/** Numbers of DHCP that the bench reads or writes; the list is incomplete on purpose. */

/** RFC 2131 table 2, RFC 2132 9.6. */
export const MESSAGE = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const

/** RFC 2132, by section. */
export const OPTION = {
  pad: 0, // 3.1
  subnetMask: 1, // 3.3
  router: 3, // 3.5
  dns: 6, // 3.8
  hostName: 12, // 3.14
  broadcastAddress: 28, // 5.3
  requestedAddress: 50, // 9.1
  leaseTime: 51, // 9.2
  overload: 52, // 9.3
  messageType: 53, // 9.6
  serverId: 54, // 9.7
  parameterList: 55, // 9.8
  message: 56, // 9.9
  sizeMax: 57, // 9.10
  renewalTime: 58, // 9.11
  rebindingTime: 59, // 9.12
  vendorClass: 60, // 9.13
  clientId: 61, // 9.14
  end: 255 // 3.2
} as const

/** Lengths the RFC fixes, in bytes; a packet that says otherwise is malformed. */
export const FIXED_LENGTH: ReadonlyMap<number, number> = new Map([
  [OPTION.subnetMask, 4], [OPTION.broadcastAddress, 4], [OPTION.requestedAddress, 4], [OPTION.leaseTime, 4], [OPTION.overload, 1],
  [OPTION.messageType, 1], [OPTION.serverId, 4], [OPTION.sizeMax, 2], [OPTION.renewalTime, 4], [OPTION.rebindingTime, 4]
])

/** RFC 2131 table 1: where the fixed fields begin. */
export const FIELD = { op: 0, htype: 1, hlen: 2, hops: 3, xid: 4, secs: 8, flags: 10, ciaddr: 12, yiaddr: 16, siaddr: 20, giaddr: 24, chaddr: 28, sname: 44, file: 108, cookie: 236, options: 240 } as const

export const MAGIC_COOKIE = 0x63825363 // RFC 2131 3
export const ETHERNET = 1 // RFC 1700, hardware types
export const BROADCAST_FLAG = 0x8000 // RFC 2131 figure 2
export const SERVER_PORT = 67 // RFC 2131 4.1
export const CLIENT_PORT = 68
