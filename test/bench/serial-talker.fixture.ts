/** The talking side of `npm run bench -- serial`: numbered lines of 80 bytes on every port, at the rate of its line; each tenth brings a prompt. */
import { spawn } from 'node:child_process'

const [lasting = 0, bytesPerSecond = 0, ...rest] = process.argv.slice(2)
const ports = rest.map(String)
const pipes = ports.map(path => spawn('socat', ['-b65536', `PTY,link=${path},raw,echo=0`, 'STDIO'], { stdio: ['pipe', 'ignore', 'inherit'] }))
const lines = ports.map(() => 0)
const sent = ports.map(() => 0)
const LINE_BYTES = 80

function lineOf(n: number): string {
  const head = `#${String(n).padStart(7, '0')} [   12.345678] `
  return n % 10 === 0 ? `${head.padEnd(LINE_BYTES - 7, 'x')}\r\n=> \r\n` : `${head.padEnd(LINE_BYTES - 2, 'x')}\r\n`
}

process.stdin.once('data', () => {
  const begin = performance.now()
  const endMs = Number(lasting) * 1000
  const timer = setInterval(() => {
    const elapsed = Math.min(performance.now() - begin, endMs)
    const due = elapsed / 1000 * Number(bytesPerSecond)
    pipes.forEach((pipe, i) => {
      let text = ''
      let n = lines[i] ?? 0
      const before = sent[i] ?? 0
      while (before + text.length + LINE_BYTES <= due) {
        n += 1
        text += lineOf(n)
      }
      lines[i] = n
      sent[i] = before + text.length
      if (text !== '') pipe.stdin.write(text)
    })
    if (elapsed < endMs) return
    clearInterval(timer)
    process.stdout.write(`${JSON.stringify({ sent, lines })}\n`)
  }, 5)
})
process.stdin.once('end', () => {
  for (const pipe of pipes) pipe.kill()
  process.exit(0)
})
process.stdout.write('ready\n')
