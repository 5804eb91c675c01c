import { DomainError } from '@understudy/platform';
import { Turns } from './turns';

const unavailable = async (): Promise<never> =>
  Promise.reject(new DomainError('database-unavailable', 'It is gone', {}));

describe('Turns', () => {
  it('tells everybody who waits when the database turns out to be unavailable, and still lets the last one close it', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const first = turns.run(unavailable);
    const waiting = turns.run(async () => Promise.resolve(done.push('read')));
    const end = turns.end(async () => {
      done.push('closed');
      return Promise.resolve();
    });
    const outcomes = await Promise.allSettled([first, waiting, end]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(done).toEqual(['closed']);
  });
});
