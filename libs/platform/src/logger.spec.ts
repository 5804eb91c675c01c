import { Writable } from 'node:stream';
import { Logger, NestLogger } from './logger';

const lines: Record<string, unknown>[] = [];
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
    done();
  },
});
const logger = Logger.to(sink, 'debug');

beforeEach(() => {
  lines.length = 0;
});

it('writes one JSON object a line, with the time, the message and its fields', () => {
  logger.warn('A runner complains', { pid: 7 });
  expect(lines).toEqual([{ level: 40, time: expect.stringMatching(/Z$/), msg: 'A runner complains', pid: 7 }]);
});

it('cuts long texts and escapes line ends, so that no value makes a line of its own', () => {
  logger.info('Asked for', { uri: `models:/\n{"level":30}${'x'.repeat(10_000)}` });
  expect(lines).toHaveLength(1);
  expect(lines[0]!['uri']).toHaveLength(4097);
});

it('[case 151] hides the secret of a token that somebody sent in the wrong place', () => {
  const token = `ust_0123456789abcdef_${'s'.repeat(43)}`;
  logger.info('Asked for', { path: `/tokens/${token}/${token}` });
  expect(lines[0]!['path']).toBe('/tokens/ust_0123456789abcdef_(hidden)/ust_0123456789abcdef_(hidden)');
});

it("keeps Nest's start-up chatter at debug and its errors errors", () => {
  const nest = new NestLogger(logger);
  nest.log('Mapped {/predict, POST} route', 'RouterExplorer');
  nest.warn('Slow', 'Injector');
  nest.error(new Error('boom'));
  nest.error('plain');
  expect(lines.map(({ level, msg, context }) => [level, msg, context])).toEqual([
    [20, 'Mapped {/predict, POST} route', 'RouterExplorer'],
    [40, 'Slow', 'Injector'],
    [50, 'boom', undefined],
    [50, 'plain', undefined],
  ]);
  expect(lines[2]!['stack']).toMatch(/^Error: boom/);
});
