/** `npm run settings`: writes the table of settings into README.md, from src/main/config.ts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { settingsTable } from '../src/main/config.ts'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
writeFileSync(readme, text.replace(/<!-- settings -->[\s\S]*<!-- end of settings -->/, () => `<!-- settings -->\n${settingsTable()}\n<!-- end of settings -->`))
