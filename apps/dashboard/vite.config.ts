import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `npm run build` puts the dashboard beside the server, which serves it at /dashboard. */
export default defineConfig({
  root: fromHere('.'),
  base: '/dashboard/',
  build: {
    outDir: fromHere('../../dist/apps/dashboard'),
    emptyOutDir: true,
    // Nothing is inlined: the Content-Security-Policy takes no data: but for images.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    target: 'es2022',
  },
  server: { proxy: { '^/(?!dashboard)': 'http://127.0.0.1:8000' } },
});
