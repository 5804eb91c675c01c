import { SystemClock } from '@understudy/platform';
import { Watched } from './watched';

class FakeClock extends SystemClock {
  ms = 0;

  override monotonicMs(): number {
    return this.ms;
  }
}

it('looks at most once in its time, whoever asks', async () => {
  const clock = new FakeClock();
  let looks = 0;
  const watched = new Watched(
    async () => {
      if (++looks === 2) throw new Error('it is away');
    },
    1000,
    clock,
  );
  expect(await Promise.all([watched.ask(5000), watched.ask(5000)])).toEqual(Array(2).fill({ ok: true, problem: null }));
  clock.ms = 999;
  await watched.ask(5000);
  expect(looks).toBe(1);
  clock.ms = 1000;
  expect(await watched.ask(5000)).toEqual({ ok: false, problem: 'it is away' });
  clock.ms = 2000;
  expect(watched.peek()).toEqual({ ok: false, problem: 'it is away' });
  expect(await watched.ask(5000)).toEqual({ ok: true, problem: null });
});

it('tells what it found before when the look takes too long', async () => {
  let answer = (): void => undefined;
  const watched = new Watched(() => new Promise((resolve) => (answer = resolve)), 1000, new FakeClock());
  expect(await watched.ask(1)).toEqual({ ok: true, problem: null });
  answer();
});
