import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { RunningServer } from '../support/running-server';

/** Clients that send slowly, or only connect: they are cut after a time, and nobody else notices. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const DRIP_MS = 1_000;

let server: RunningServer;

beforeAll(async () => {
  server = await RunningServer.start();
});

afterAll(async () => {
  await server.stop();
});

const open = (): Socket => connect(Number(new URL(server.url).port), '127.0.0.1');

interface Ending {
  readonly afterMs: number;
  readonly answer: string;
}

/** Sends `start`, then a byte a second until the server has had enough. */
async function drip(start: string): Promise<Ending> {
  const startMs = performance.now();
  const socket = open();
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(start);
  const timer = setInterval(() => socket.write('a'), DRIP_MS);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return { afterMs: performance.now() - startMs, answer };
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe('clients that take their time', () => {
  let headers: Promise<Ending[]>;
  let bodies: Promise<Ending[]>;

  beforeAll(() => {
    headers = Promise.all(
      Array.from({ length: 200 }, async () => drip('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')),
    );
    bodies = Promise.all(
      Array.from({ length: 20 }, async () =>
        drip(
          'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
        ),
      ),
    );
  });

  it('[cases 1, 2] do not keep others from being answered', async () => {
    for (let turn = 0; turn < 50; turn++) {
      const answer = await server.predict([ROW]);
      expect(answer.status).toBe(200);
    }
  });

  it('[case 1] are cut when their headers are not there after 10 seconds', async () => {
    for (const { afterMs, answer } of await headers) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(afterMs).toBeGreaterThan(9_000);
      // Before the limit of a body.
      expect(afterMs).toBeLessThan(28_000);
    }
  });

  it('[case 2] are answered 408 when their body is not there after 30 seconds', async () => {
    for (const { afterMs, answer } of await bodies) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(afterMs).toBeGreaterThan(28_000);
      expect(afterMs).toBeLessThan(90_000);
    }
  });
});

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('[case 6] 5,000 connections that are reset at once leave no descriptor behind', async () => {
  const before = openDescriptors();
  for (let wave = 0; wave < 50; wave++) {
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = open();
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write('POST /predict HTTP/1.1\r\nHost: localhost\r\n');
        socket.resetAndDestroy();
      }),
    );
  }
  await server.until(() => openDescriptors() <= before + 5);
  expect((await server.predict([ROW])).status).toBe(200);
});
