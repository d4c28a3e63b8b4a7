/**
 * Electron entry. Only what must happen before `ready` stands here. No top-level await: `ready` comes after this module
 * has been evaluated, so waiting for it here would hang without a window (facts/stack.md 2).
 */
import { app, protocol } from 'electron'
import { PAGE_SCHEME } from './hosts/ipc.ts'

app.enableSandbox()
protocol.registerSchemesAsPrivileged([{ scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }])

if (app.requestSingleInstanceLock()) {
  void app.whenReady()
    .then(async () => {
      const { boot } = await import('./boot.ts')
      await boot(import.meta.dirname)
    })
    .catch((thrown: unknown) => {
      process.stderr.write(`${thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)}\n`)
      app.exit(1)
    })
} else {
  app.quit()
}
