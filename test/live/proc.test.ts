import { expect, test } from 'vitest'
import { LiveProc } from '../../src/main/live/proc.ts'

const proc = new LiveProc()
const never = new AbortController().signal

test('a program runs to its end with both its streams and its code', async () => {
  const script = 'console.log(process.argv[1]); console.error("oh"); process.exit(3)'
  expect(await proc.run(process.execPath, ['-e', script, 'a b; $HOME'], never)).toEqual({ code: 3, stdout: 'a b; $HOME\n', stderr: 'oh\n' })
})

test('a program that is not there ends with 127, like in a shell', async () => {
  expect(await proc.run('no-such-program-here', [], never)).toEqual({ code: 127, stdout: '', stderr: 'no-such-program-here: ENOENT' })
})

test('a program is stopped when its signal aborts', async () => {
  const abort = new AbortController()
  const running = proc.run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], abort.signal)
  setTimeout(() => abort.abort(new Error('enough')), 50)
  await expect(running).rejects.toThrow('enough')
})

test('a program that talks without end does not fill the memory', async () => {
  const { code, stdout } = await proc.run(process.execPath, ['-e', 'for (let i = 0; i < 3000; i++) console.log("x".repeat(1000))'], never)
  expect(code).toBe(0)
  expect(stdout.length).toBe(1024 * 1024)
})
