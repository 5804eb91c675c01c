import {
  countOf,
  isCount,
  namesOf,
  type Read,
  readCommandLine,
  valuesOf,
  WrongCommandLine,
} from '../bench/command-line';
import type { Gate } from './gate';

/** A gate and how often it is to try. */
export interface Trial {
  readonly gate: Gate;
  readonly rounds: number;
}

export interface Options {
  readonly trials: readonly Trial[];
  readonly seed: number;
  readonly sabotage: string | undefined;
  /** Whether everything is tried, and the run may write the page. */
  readonly whole: boolean;
}

/** Reads the command line. `all` are the gates that there are; `drawn` is the seed where none is given. */
export function readOptions(args: readonly string[], all: readonly Gate[], drawn: number): Read<Options> {
  return readCommandLine(usageOf(all), () => {
    const { only, except, rounds, seed, sabotage, short } = valuesOf(args, {
      only: { type: 'string' },
      except: { type: 'string' },
      rounds: { type: 'string' },
      seed: { type: 'string' },
      sabotage: { type: 'string' },
      short: { type: 'boolean', default: false },
    });
    const given = countOf('seed', seed);
    const counts = readCounts(rounds ?? '', all);
    const named = namesOf(only, all, 'gate');
    const leftOut = namesOf(except, all, 'gate') ?? [];
    const gates = all.filter(({ name }) => !leftOut.includes(name));
    const saboteur = all.find(({ sabotages }) => sabotage !== undefined && sabotages.includes(sabotage));
    if (sabotage !== undefined && saboteur === undefined)
      throw new WrongCommandLine(`there is no sabotage "${sabotage}"`);
    const wanted = saboteur === undefined ? named : [saboteur.name];
    return {
      trials: trialsOf(gates, wanted, short, counts),
      seed: given ?? drawn,
      sabotage,
      whole: wanted === undefined && leftOut.length === 0 && !short,
    };
  });
}

/** How often which gate is to try; `everyGate` where one number was given for all. */
interface Counts {
  readonly everyGate?: number;
  readonly byName: ReadonlyMap<string, number>;
}

/** Reads `50` or `kills=300,swaps=100`. Throws WrongCommandLine where it is neither. */
function readCounts(text: string, all: readonly Gate[]): Counts {
  if (text === '' || isCount(text)) return { byName: new Map(), ...(text === '' ? {} : { everyGate: Number(text) }) };
  const byName = new Map<string, number>();
  for (const part of text.split(',')) {
    const [name = '', count = ''] = part.split('=', 2);
    if (!all.some((gate) => gate.name === name) || !isCount(count))
      throw new WrongCommandLine(`--rounds takes a whole number from 1 on, or GATE=N,GATE=N, not "${part}"`);
    byName.set(name, Number(count));
  }
  return { byName };
}

function trialsOf(
  all: readonly Gate[],
  wanted: readonly string[] | undefined,
  short: boolean,
  { everyGate, byName }: Counts,
): Trial[] {
  return all
    .filter((gate) => wanted?.includes(gate.name) ?? !(short && gate.rounds.short === null))
    .map((gate) => {
      const usual = short ? (gate.rounds.short ?? gate.rounds.whole) : gate.rounds.whole;
      return { gate, rounds: byName.get(gate.name) ?? everyGate ?? usual };
    });
}

const usageOf = (all: readonly Gate[]): string[] => [
  'npm run gauntlet -- [--only | --except GATE,GATE...] [--short] [--rounds N | GATE=N,GATE=N...] [--seed N] [--sabotage FAULT]',
  '',
  ...all.map(({ name, about, rounds: { whole, short } }) => {
    return `  ${name.padEnd(12)} ${about}; ${whole} rounds, ${short ?? 'none'} with --short`;
  }),
  '',
  `Faults that can be planted, each of which must be found: ${all.flatMap(({ sabotages }) => sabotages).join(', ')}.`,
  'Only a run of every gate without --short writes docs/reliability.md.',
];
