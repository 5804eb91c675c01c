import { blockOf } from '../readme/support/blocks.mjs';
import { RunningServer } from '../support/running-server';
import { describeWithPython, runPython } from './support/python';

/** The examples of docs/protocols.md that are written for clients in Python. */

describeWithPython('docs/protocols.md', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(['scoring-client', 'open-inference-client'])(
    '%s prints what the page shows',
    async (kind) => {
      const lines = blockOf('docs/protocols.md', kind).trim().split('\n');
      const { port } = new URL(server.url);
      const program = lines.join('\n').replaceAll('localhost', '127.0.0.1').replace('8000', port);
      expect((await runPython(['-c', program])).trim()).toBe(lines.at(-1)?.replace('#> ', ''));
    },
    60_000,
  );
});
