import { defineConfig } from 'vite';

/** React for hosts that do not share theirs: host/host-shim.js asks for it only then. Beside the panel, not in it. */
export default defineConfig({
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: false,
    lib: { entry: 'src/own-react.ts', formats: ['es'], fileName: () => 'own-react.js' },
  },
});
