#!/usr/bin/env node
/** Builds what is needed and serves, in one process: signals reach the server itself. */
import { buildIfStale } from './build.mjs';

try {
  buildIfStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/apps/server/main.js');
