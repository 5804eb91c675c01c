import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { firstFrames } from './first-frame';
import { startAfterFirstFrame } from './start-after-first-frame';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Writes what shrinks a second time, compressed as well as can be: the server sends that to whoever takes it. */
const compressed = (): Plugin => ({
  name: 'compressed',
  writeBundle({ dir = '.' }, bundle) {
    // What was written is what counts: style sheets are changed until the last moment.
    for (const name of Object.keys(bundle).filter((one) => /\.(js|css|svg)$/.test(one)))
      writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }));
  },
});

/** `npm run build` puts the dashboard beside the server, which serves it at /dashboard. */
export default defineConfig({
  root: fromHere('.'),
  base: '/dashboard/',
  plugins: [startAfterFirstFrame(), firstFrames(), compressed()],
  build: {
    outDir: fromHere('../../dist/apps/dashboard'),
    emptyOutDir: true,
    // Nothing is inlined: the Content-Security-Policy takes no data: but for images.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    target: 'es2022',
    // What the first page needs is one file: a dozen requests at once keep a slow processor from painting.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first-load', tags: ['$initial'] }] } } },
  },
  server: { proxy: { '^/(?!dashboard)': 'http://127.0.0.1:8000' } },
});
