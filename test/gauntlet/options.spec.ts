import { GATES } from '../../gauntlet/gates';
import { readOptions } from '../../gauntlet/options';

const WHOLE = { kills: 1_000, swaps: 1_000, drain: 200, replicas: 20, races: 10_000, throughput: 61 };

function read(...args: readonly string[]) {
  const parsed = readOptions(args, GATES, 42);
  if (!parsed.ok) return parsed.why.split('\n')[0];
  const { trials, whole, seed, sabotage } = parsed.options;
  return { rounds: Object.fromEntries(trials.map(({ gate, rounds }) => [gate.name, rounds])), whole, seed, sabotage };
}

describe('the options of the gauntlet', () => {
  it.each([
    ['every gate in full', [], { rounds: WHOLE, whole: true, seed: 42 }],
    [
      'a short run, without figures of speed',
      ['--short'],
      { rounds: { kills: 50, swaps: 50, drain: 10, replicas: 2, races: 200 }, whole: false, seed: 42 },
    ],
    ['some gates', ['--only', 'races, drain'], { rounds: { drain: 200, races: 10_000 }, whole: false, seed: 42 }],
    [
      'all but some in a short run',
      ['--short', '--except', 'kills,swaps'],
      { rounds: { drain: 10, replicas: 2, races: 200 }, whole: false, seed: 42 },
    ],
    ['all but one in full', ['--except', 'kills'], { rounds: { ...WHOLE, kills: undefined }, whole: false, seed: 42 }],
    ['the same draws again', ['--seed', '7'], { rounds: WHOLE, whole: true, seed: 7 }],
    [
      'one number for every gate',
      ['--only', 'kills,swaps', '--rounds', '3'],
      { rounds: { kills: 3, swaps: 3 }, whole: false, seed: 42 },
    ],
    [
      'a number for some gates',
      ['--rounds', 'kills=300,drain=20'],
      { rounds: { ...WHOLE, kills: 300, drain: 20 }, whole: true, seed: 42 },
    ],
    [
      'a planted fault, in its gate alone',
      ['--sabotage', 'versions'],
      { rounds: { swaps: 1_000 }, whole: false, seed: 42, sabotage: 'versions' },
    ],
  ])('are read: %s', (_, args, expected) => {
    expect(read(...args)).toEqual({ sabotage: undefined, ...expected });
  });

  it.each([
    [['--only', 'speed,kills'], 'there is no gate "speed"'],
    [['--except', 'speed'], 'there is no gate "speed"'],
    [['--rounds', '0'], '--rounds takes a whole number from 1 on, or GATE=N,GATE=N, not "0"'],
    [['--rounds', 'kills=3,speed=1'], '--rounds takes a whole number from 1 on, or GATE=N,GATE=N, not "speed=1"'],
    [['--rounds', 'kills=-1'], '--rounds takes a whole number from 1 on, or GATE=N,GATE=N, not "kills=-1"'],
    [['--seed', 'x'], '--seed takes a whole number from 1 on, not "x"'],
    [['--sabotage', 'sleep'], 'there is no sabotage "sleep"'],
    [['--fast'], "Unknown option '--fast'"],
    [['kills'], "Unexpected argument 'kills'. This command does not take positional arguments"],
  ])('%j is refused', (args, why) => {
    expect(read(...args)).toBe(why);
  });
});
