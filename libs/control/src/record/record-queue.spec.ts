import { DomainError, Logger, SystemClock } from '@understudy/platform';
import { DatabaseWatch } from './database-watch';
import { RecordQueue } from './record-queue';

/** A database that is there or not, and keeps what it was given. */
class Target {
  isUp = true;
  readonly written: string[] = [];

  readonly write = (text: string) => async (): Promise<string> => {
    if (!this.isUp) throw new DomainError('database-unavailable', 'gone');
    this.written.push(text);
    return text;
  };
}

let target: Target;
let watch: DatabaseWatch;
let queue: RecordQueue;

beforeEach(() => {
  target = new Target();
  watch = new DatabaseWatch(new SystemClock(), Logger.silent());
  queue = new RecordQueue(watch, new SystemClock(), Logger.silent());
});

afterEach(() => queue.onModuleDestroy());

/** Waits for what comes by itself; the test's own limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the queue of records', () => {
  it('writes while the database answers, and hands the result over', async () => {
    expect(await queue.submit(target.write('a'))).toEqual({ inTime: true, result: 'a' });
  });

  it('keeps the order over an outage, and lets nobody wait for the end of it', async () => {
    target.isUp = false;
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => queue.submit(target.write(text))));
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ inTime: false })));
    expect([queue.waiting, watch.isUp]).toEqual([3, false]);
    expect(await queue.submit(target.write('d'))).toEqual({ inTime: false });
    target.isUp = true;
    await until(() => queue.waiting === 0);
    expect([target.written, watch.isUp]).toEqual([['a', 'b', 'c', 'd'], true]);
  });

  it('goes on after one that is refused', async () => {
    const refused = queue.submit(() => Promise.reject(new DomainError('change-conflict', 'no')));
    await expect(refused).rejects.toMatchObject({ code: 'change-conflict' });
    expect(await queue.submit(target.write('b'))).toEqual({ inTime: true, result: 'b' });
  });

  it('goes on after one that breaks in a way nobody foresaw', async () => {
    await expect(queue.submit(() => Promise.reject(new TypeError('x')))).rejects.toThrow('x');
    expect(await queue.submit(target.write('b'))).toEqual({ inTime: true, result: 'b' });
  });
});
