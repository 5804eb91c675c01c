import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';

/** Whoever reads the server's standard output may stop to: the server does not wait for that. */

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

it('[case 128] a reader that stops costs log lines, which are counted, and no prediction', async () => {
  const data = temporaryFolder('data');
  const port = await freePort();
  const server = spawn(process.execPath, [join(process.cwd(), 'dist', 'apps', 'server', 'main.js')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      UNDERSTUDY_DATA_DIR: data.path,
      UNDERSTUDY_LOG_LEVEL: 'debug',
      UNDERSTUDY_LOG_FORMAT: 'json',
      UNDERSTUDY_LAME_DUCK_MS: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, body: string) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  try {
    for (let ready = false; !ready;)
      ready = await fetch(`${url}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      );
    // Each refused prediction is a line of 4 kB; nobody reads them, and 8 MiB are kept in memory.
    const unknown = JSON.stringify({ data: [{ ['x'.repeat(5_000)]: 1 }] });
    for (let wave = 0; wave < 15; wave++) {
      const refused = await Promise.all(Array.from({ length: 200 }, async () => ask('/predict', unknown)));
      expect(refused.every(({ status }) => status === 400 || status === 422)).toBe(true);
      await Promise.all(refused.map(async (answer) => answer.arrayBuffer()));
      const answer = await ask('/predict', '{"data":[[5.1,3.5,1.4,0.2]]}');
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
    let read = '';
    server.stdout.setEncoding('utf8').on('data', (text: string) => (read += text));
    while (!/"lines":[1-9]/.test(read)) await once(server.stdout, 'data');
    expect(read).toMatch(/"lines":\d+,"msg":"Log lines were left out: nobody read them fast enough"/);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    data.remove();
  }
});
