import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

// Main has one entry a program; chunks stay beside them so that import.meta.dirname means the same in all.
// The preload is CommonJS because the renderer is sandboxed, and holds everything it needs.
export default defineConfig({
  main: {
    build: {
      rollupOptions: {
        input: {
          index: at('src/main/index.ts'),
          headless: at('src/main/headless.ts'),
          units: at('src/main/units.ts'),
          cloud: at('src/main/cloud.ts'),
          receiver: at('src/main/receiver.ts'),
          reader: at('src/main/reader.ts'),
          cli: at('src/main/cli.ts')
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
      }
    }
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        input: { index: at('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' }
      }
    }
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [react()],
    build: {
      minify: 'oxc',
      rollupOptions: { input: { index: at('src/renderer/index.html'), display: at('src/renderer/display.html') } }
    }
  }
})
