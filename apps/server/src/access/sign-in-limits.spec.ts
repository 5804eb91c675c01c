import { SignInLimits } from './sign-in-limits';

const GUESSER = '192.0.2.1';
const OTHER = '192.0.2.2';

async function failing(times: number, limits = new SignInLimits()): Promise<SignInLimits> {
  for (let time = 0; time < times; time++) await limits.failed(GUESSER);
  return limits;
}

describe('[case 137] failed sign-ins', () => {
  it('are forgiven four times', async () => {
    expect(await (await failing(4)).secondsToWait(GUESSER)).toBe(0);
  });

  it('make only their own source wait', async () => {
    const limits = await failing(5);
    expect(await limits.secondsToWait(GUESSER)).toBe(5);
    expect(await limits.secondsToWait(OTHER)).toBe(0);
  });

  it('make it wait twice as long each time, up to a quarter of an hour', async () => {
    const limits = await failing(5);
    const waits: number[] = [];
    for (let time = 0; time < 9; time++) {
      await limits.failed(GUESSER);
      waits.push(await limits.secondsToWait(GUESSER));
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
  });

  it('are one source, from whichever address of an IPv6 network they come', async () => {
    const limits = new SignInLimits();
    for (let time = 0; time < 5; time++) await limits.failed(`2001:db8::${time}`);
    expect(await limits.secondsToWait('2001:db8::ffff')).toBe(5);
    expect(await limits.secondsToWait('2001:db9::1')).toBe(0);
  });
});
