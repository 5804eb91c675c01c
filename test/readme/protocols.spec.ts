import { readFileSync } from 'node:fs';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';
import { blockOf, blocksOf, commandsOf } from './support/blocks.mjs';
import { shell } from './support/shell';

/** The examples of docs/protocols.md, on the embedded default. */

const PAGE = 'docs/protocols.md';

/** Who runs the blocks of a kind. */
const RUN_BY: Readonly<Record<string, string>> = {
  scoring: 'test/readme/protocols.spec.ts',
  'open-inference': 'test/readme/protocols.spec.ts',
  'scoring-client': 'test/clients/protocols.spec.ts',
  'open-inference-client': 'test/clients/protocols.spec.ts',
};

it.each(blocksOf(PAGE))('somebody runs the block: $language $kind', ({ kind }) => {
  const runner = RUN_BY[kind];
  expect([kind, runner]).toEqual([kind, expect.any(String)]);
  expect(readFileSync(runner!, 'utf8')).toContain(`'${kind}'`);
});

describe.each(['scoring', 'open-inference'])('the block %s', (kind) => {
  const data = temporaryFolder('protocols-data');
  let server: ServerProcess;
  let address: string;

  beforeAll(async () => {
    server = new ServerProcess({ environment: { PORT: '0', UNDERSTUDY_DATA_DIR: data.path } });
    address = (await server.url()).replace('http://', '');
    await shell(`curl --silent --fail --retry 5 http://${address}/readyz`);
  });

  afterAll(async () => {
    server.signal('SIGTERM');
    await server.exited();
    data.remove();
  });

  it.each(commandsOf(blockOf(PAGE, kind)))('$command', async ({ command, answer }) => {
    expect(await shell(command.replace('localhost:8000', address))).toBe(answer);
  });
});
