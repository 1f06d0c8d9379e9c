import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { chartLayouts } from './chart-layouts.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative: the page also stands behind a `/t/{token}` prefix.
  base: './',
  plugins: [react(), chartLayouts()],
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    // A strict CSP lets no data: scripts or styles in; small files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
