// Lets the built main run under Node: `electron` becomes the stub beside this file.
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (name, context, next) => name === 'electron' ? { url: new URL('./stub-electron.mjs', import.meta.url).href, shortCircuit: true } : next(name, context)
})
