import { Writable } from 'node:stream';
import { Logger, NestLogger } from './logger';

const lines: Record<string, unknown>[] = [];
/** The lines as they were written. */
const raw: string[] = [];
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    raw.push(chunk.toString());
    lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
    done();
  },
});
const logger = Logger.to(sink, 'debug');

beforeEach(() => {
  lines.length = 0;
  raw.length = 0;
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

it.each([
  ['a line end', 'a\r\n{"level":50}'],
  ["ANSI's colours and cursor", '\u001b[31mred\u001b[2J'],
  ['the eight-bit form of ANSI', '\u009b31mred'],
  ["Unicode's line ends", 'a\u2028b\u2029c'],
  ['a megabyte', 'x'.repeat(1024 * 1024)],
])(
  '[case 152] %s in a message, a field, a key or deep inside makes one short line without controls',
  (_what, hostile) => {
    logger.info(hostile, { field: hostile, [`key ${hostile.slice(0, 50)}`]: 1, deep: { list: [hostile] } });
    expect(raw).toHaveLength(1);
    const [line] = raw as [string];
    expect(line.endsWith('\n')).toBe(true);
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(line.length).toBeLessThan(3 * 4096 + 1000);
  },
);

it('[case 152] a deep or endless value is cut', () => {
  const endless: { self?: unknown } = {};
  endless.self = endless;
  logger.info('Deep', { endless, many: Array.from({ length: 1_000_000 }, () => 1) });
  expect(raw[0]!.length).toBeLessThan(1000);
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
