import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { DomainError } from '@understudy/platform';
import { withIdleTimeout } from './with-idle-timeout';

const FAR_MS = 600_000;
const failure = (cause: unknown) => new DomainError('registry-unavailable', (cause as Error).message);

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

const TIMES = 100;

const runningTimers = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

/** Does something so often that timers of others, which come and go, cannot hide the ones it leaves. */
async function expectNoTimersLeft(doing: () => Promise<void>): Promise<void> {
  const before = runningTimers();
  for (let time = 0; time < TIMES; time++) await doing();
  expect(runningTimers() - before).toBeLessThan(TIMES / 2);
}

describe('a stream with an idle timeout', () => {
  it('is what the stream is, and leaves no timer behind', async () => {
    await expectNoTimersLeft(async () => {
      expect(await read(withIdleTimeout(Readable.from(['a', 'b', 'c']), FAR_MS, failure))).toBe('abc');
    });
  });

  it('[case 81] ends when no byte comes, and ends the stream', async () => {
    const stream = new PassThrough();
    stream.write('a');
    await expect(read(withIdleTimeout(stream, 20, failure))).rejects.toEqual(
      new DomainError('registry-unavailable', 'no byte came for 20 ms'),
    );
    expect(stream.destroyed).toBe(true);
  });

  it('does not count the time that the reader takes', async () => {
    const stream = new PassThrough();
    const reader = withIdleTimeout(stream, 20, failure);
    stream.write('a');
    expect(String((await reader.next()).value)).toBe('a');
    await once(AbortSignal.timeout(60), 'abort');
    expect(stream.destroyed).toBe(false);
    stream.end('b');
    expect(await read(reader)).toBe('b');
  });

  it('ends with the failure of the stream, and leaves no timer behind', async () => {
    await expectNoTimersLeft(async () => {
      const stream = new PassThrough();
      const reading = read(withIdleTimeout(stream, FAR_MS, failure));
      stream.destroy(new Error('socket hang up'));
      await expect(reading).rejects.toEqual(new DomainError('registry-unavailable', 'socket hang up'));
    });
  });

  it('ends the stream when the reader leaves, and leaves no timer behind', async () => {
    await expectNoTimersLeft(async () => {
      const stream = new PassThrough();
      stream.write('a');
      for await (const _ of withIdleTimeout(stream, FAR_MS, failure)) break;
      expect(stream.destroyed).toBe(true);
    });
  });
});
