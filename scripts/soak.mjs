/** `npm run soak -- NAME [options]`: a long proof from scripts/soak/, with the machine's load beside its figures. */
import { readdirSync } from 'node:fs'
import { run } from './long-run.mjs'

await run('soak', readdirSync(new URL('./soak/', import.meta.url)))
