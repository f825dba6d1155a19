import { defineConfig } from 'vite';

/** Served under `/review/` by server/show/console.ts, whose policy lets nothing run that stands in a page: all is in files of its own. */
export default defineConfig({
  base: '/review/',
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
