/** Node entry. Nothing native may be loaded before the version is known: better-sqlite3 13 ends Node 20 without a word. */
import { withNode } from '../../scripts/node.mjs'

if (withNode(import.meta.filename)) {
  void import('./serve.ts').then(({ serve }) => serve(process.argv.slice(2), import.meta.dirname))
}
