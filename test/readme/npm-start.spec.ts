import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { temporaryFolder } from '../support/temporary-folder';

it('ends with npm: whoever ends `npm start` leaves no server behind', async () => {
  const data = temporaryFolder('npm-start');
  const npm = spawn('npm', ['start'], {
    env: { ...process.env, PORT: '0', UNDERSTUDY_DATA_DIR: data.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const closed = once(npm.stdout, 'close');
  const url = await waitFor(() => /"url":"([^"]+)"/.exec(output)?.[1]);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  npm.kill('SIGTERM');
  // Every process that could write there is gone.
  await closed;
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
  data.remove();
});

async function waitFor(find: () => string | undefined): Promise<string> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
