/** Entry of the command line `unbindery`. As in headless.ts, nothing is loaded before the version of Node is known. */
import { withNode } from '../../scripts/node.mjs'

if (withNode(import.meta.filename)) {
  void import('./verbs.ts').then(async ({ answerWords }) => {
    process.exitCode = await answerWords(process.argv.slice(2))
  })
}
