/** `npm run bench -- NAME [options]`: figures beside a peer in the same run, from scripts/bench/. */
import { readdirSync } from 'node:fs'
import { run } from './long-run.mjs'

await run('bench', readdirSync(new URL('./bench/', import.meta.url)))
