import { Writable } from 'node:stream';
import { type Clock, Logger } from '@understudy/platform';
import { Arm } from './arm';
import { SlowPredictions } from './slow-predictions';

const ARM = new Arm({ deployment: 'default', slot: 'next', version: 'models:/iris/2' });

function setUp(thresholdMs: number) {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const time = { ms: 0 };
  const clock = { monotonicMs: () => time.ms } as Clock;
  return { lines, time, slow: new SlowPredictions(thresholdMs, clock, Logger.to(sink, 'info')) };
}

it('[case 128] says one line a second, and how many it left out', () => {
  const { lines, time, slow } = setUp(1000);
  slow.ended(ARM, 999, 'quick');
  for (let at = 0; at < 2000; at++) {
    time.ms = at;
    slow.ended(ARM, 1500, `request ${at}`);
  }
  expect(
    lines.map(({ msg, requestId, ms, version, alsoSlowSinceTheLastLine }) => ({
      msg,
      requestId,
      ms,
      version,
      alsoSlowSinceTheLastLine,
    })),
  ).toEqual([
    {
      msg: 'A prediction was slow',
      requestId: 'request 0',
      ms: 1500,
      version: 'models:/iris/2',
      alsoSlowSinceTheLastLine: 0,
    },
    {
      msg: 'A prediction was slow',
      requestId: 'request 1000',
      ms: 1500,
      version: 'models:/iris/2',
      alsoSlowSinceTheLastLine: 999,
    },
  ]);
});

it('says nothing where the setting is 0', () => {
  const { lines, slow } = setUp(0);
  slow.ended(ARM, 1e6, undefined);
  expect(lines).toEqual([]);
});
