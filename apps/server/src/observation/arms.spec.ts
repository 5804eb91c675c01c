import type { LoadedVersion, ServedDeployment, ServedDeployments } from '@understudy/model-slots';
import { Clock } from '@understudy/platform';
import type { Arm } from './arm';
import { Arms } from './arms';

class FakeClock extends Clock {
  ms = 0;

  override now(): Date {
    return new Date(this.ms);
  }

  override monotonicMs(): number {
    return this.ms;
  }

  override async sleep(): Promise<void> {
    return Promise.resolve();
  }
}

const version = (number: number): LoadedVersion =>
  ({ identity: { uri: `models:/iris/${number}` } }) as unknown as LoadedVersion;

class OneDeployment {
  readonly name = 'default';
  held: Record<'current' | 'next' | 'previous', LoadedVersion | null> = { current: null, next: null, previous: null };

  get all(): readonly ServedDeployment[] {
    return [this as unknown as ServedDeployment];
  }
}

function setUp() {
  const clock = new FakeClock();
  const deployment = new OneDeployment();
  const arms = new Arms(deployment as unknown as ServedDeployments, clock);
  const forgotten: string[] = [];
  arms.onForget(({ name }) => forgotten.push(name.version));
  const swapTo = (next: LoadedVersion): Arm => {
    deployment.held = { ...deployment.held, next };
    return arms.of('default', 'next', next);
  };
  return { clock, arms, forgotten, swapTo };
}

const names = (arms: Arms): string[] => arms.all.map(({ name }) => `${name.slot} ${name.version}`);

it('gives the same arm to the same version in the same slot, also when it was loaded again', () => {
  const { arms, swapTo } = setUp();
  const first = swapTo(version(1));
  expect(swapTo(version(1))).toBe(first);
  expect(arms.of('default', 'current', version(1))).not.toBe(first);
  expect(swapTo(version(2))).not.toBe(first);
});

it('tells of an arm for ten minutes after it left its slot, and lets who counts it know when it goes', () => {
  const { clock, arms, forgotten, swapTo } = setUp();
  swapTo(version(1));
  swapTo(version(2));
  expect(names(arms)).toEqual(['next models:/iris/1', 'next models:/iris/2']);
  clock.ms += 10 * 60_000 + 1;
  expect(names(arms)).toEqual(['next models:/iris/2']);
  expect(forgotten).toEqual(['models:/iris/1']);
});

it('begins to count anew what was forgotten and came back', () => {
  const { clock, arms, swapTo } = setUp();
  const first = swapTo(version(1));
  swapTo(version(2));
  clock.ms += 1;
  names(arms);
  clock.ms += 10 * 60_000 + 1;
  names(arms);
  expect(swapTo(version(1))).not.toBe(first);
});

it('[case 157] after a thousand swaps tells of the one in the slot and the last eight before it', () => {
  const { arms, forgotten, swapTo } = setUp();
  for (let swap = 1; swap <= 1000; swap++) swapTo(version(swap));
  expect(names(arms)).toEqual(Array.from({ length: 9 }, (_, index) => `next models:/iris/${992 + index}`));
  expect(forgotten).toHaveLength(991);
});
