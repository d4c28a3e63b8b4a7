/** Credentials in the key store of the operating system: what Electron offers, told truthfully. */
import { beforeEach, expect, test, vi } from 'vitest'

const held = vi.hoisted(() => ({ electron: {} as Record<string, unknown> }))
vi.mock('electron', () => new Proxy({}, { get: (_, name) => name === 'then' ? undefined : held.electron[String(name)], has: () => true }))
vi.mock('../../src/main/opening.ts', () => ({ openStation: () => Promise.reject(new Error('not opened here')), readVersion: () => '0.0.0' }))

const storage = (backend: string, isThere = true) => ({
  isEncryptionAvailable: () => isThere, getSelectedStorageBackend: () => backend,
  encryptString: (text: string) => Buffer.from(`sealed:${text}`), decryptString: (bytes: Buffer) => {
    if (!bytes.toString().startsWith('sealed:')) throw new Error('another user sealed this')
    return bytes.toString().slice('sealed:'.length)
  }
})
beforeEach(() => { vi.resetModules() })
async function vaultOf(safeStorage: unknown) {
  held.electron = { safeStorage }
  const { electronVault } = await import('../../src/main/boot.ts')
  return electronVault()
}

test('what is sealed opens again, byte by byte, and nothing else does', async () => {
  const vault = await vaultOf(storage('gnome_libsecret'))
  const secret = Uint8Array.of(0, 255, 1, 128)
  expect(vault?.open(vault.seal(secret))).toEqual(secret)
  expect(() => vault?.open(Uint8Array.of(1, 2, 3))).toThrow('another user')
})

test('a store whose key everybody knows is called unprotected; none is none', async () => {
  expect((await vaultOf(storage('basic_text')))?.kind).toBe(process.platform === 'linux' ? 'unprotected' : 'os')
  expect((await vaultOf(storage('kwallet6')))?.kind).toBe('os')
  expect(await vaultOf(storage('unknown', false))).toBeNull()
})
