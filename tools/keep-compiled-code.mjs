/**
 * Starts the built server once and keeps what V8 compiled of it until it was ready, for the starts to come. The build runs it with the
 * flags of the server, since V8 takes bytecode back under the same flags only.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Without a model, as where an image is built, it never is: then what it has compiled by then is kept. */
const READY_WITHIN_MS = 5_000;
const PERIOD_MS = 50;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function isOk(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

const port = await freePort();
process.env['PORT'] = String(port);
const { keepCompiled } = await import('../dist/apps/server/main.js');
for (const endMs = performance.now() + READY_WITHIN_MS; performance.now() < endMs; await sleep(PERIOD_MS))
  if (await isOk(`http://127.0.0.1:${port}/readyz`)) break;
if (!(await isOk(`http://127.0.0.1:${port}/livez`))) throw new Error('the server that was built does not answer');
keepCompiled();
process.kill(process.pid, 'SIGTERM');
