/** The few members of the package `dhcp` that tests use. */
declare module 'dhcp' {
  interface Server {
    on(event: 'error' | 'listening' | 'close', fn: (thrown: unknown) => void): void
    listen(port?: number, host?: string, then?: () => void): void
  }
  interface Client {
    on(event: 'error' | 'listening' | 'close', fn: (thrown: unknown) => void): void
    on(event: 'bound', fn: (state: { readonly address: string }) => void): void
    listen(port?: number, host?: string, then?: () => void): void
    sendDiscover(): void
    sendRelease(): void
  }
  const dhcp: {
    createServer(options: Readonly<Record<string, unknown>>): Server
    createClient(options: Readonly<Record<string, unknown>>): Client
  }
  export { dhcp as default }
}
