#!/usr/bin/env node
/** Builds what is needed and serves, in one process: signals reach the server itself. */
import { buildIfStale } from './build.mjs';

const LOOK_PERIOD_MS = 500;

try {
  buildIfStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

// Who ends npm ends npm and the shell that it started, not what that runs: nobody would be left to stop the server.
if (process.env['npm_lifecycle_event'] !== undefined) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, LOOK_PERIOD_MS).unref();
}

await import('../dist/apps/server/main.js');
