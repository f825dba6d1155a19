import { defineConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };

/** What the host gives us: its own React. A second copy would break hooks. */
const HOST_SHARED = ['react', 'react/jsx-runtime'];

/**
 * One UMD file after OHIF's contract for plugins at run time: library name = package name = extension id; and the same as a module, for
 * viewers that are built with it.
 */
export default defineConfig({
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    sourcemap: true,
    outDir: 'dist',
    lib: {
      entry: 'src/index.tsx',
      formats: ['umd', 'es'],
      name: manifest.name,
      fileName: (format) => (format === 'umd' ? 'index.umd.js' : 'index.js'),
    },
    rolldownOptions: {
      external: HOST_SHARED,
      output: { exports: 'default', globals: Object.fromEntries(HOST_SHARED.map((name) => [name, name])) },
    },
  },
});
