import { parseArgs } from 'node:util';
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

export type ParsedOptions =
  { readonly ok: true; readonly options: Options } | { readonly ok: false; readonly why: string };

/** Reads the command line. `all` are the gates that there are; `drawn` is the seed where none is given. */
export function readOptions(args: readonly string[], all: readonly Gate[], drawn: number): ParsedOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        seed: { type: 'string' },
        sabotage: { type: 'string' },
        short: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    // parseArgs throws nothing but errors.
    return refuse((error as Error).message, all);
  }
  const { only, rounds, seed, sabotage, short } = values;
  if (seed !== undefined && !isCount(seed)) return refuse(`--seed takes a whole number from 1 on, not "${seed}"`, all);
  const counts = readCounts(rounds ?? '', all);
  if (typeof counts === 'string') return refuse(counts, all);
  const named = only?.split(',').map((name) => name.trim());
  const unknown = named?.filter((name) => !all.some((gate) => gate.name === name)) ?? [];
  if (unknown.length > 0) return refuse(`there is no gate "${unknown.join('", "')}"`, all);
  const saboteur = all.find(({ sabotages }) => sabotage !== undefined && sabotages.includes(sabotage));
  if (sabotage !== undefined && saboteur === undefined) return refuse(`there is no sabotage "${sabotage}"`, all);
  const wanted = saboteur === undefined ? named : [saboteur.name];
  return {
    ok: true,
    options: {
      trials: trialsOf(all, wanted, short, counts),
      seed: seed === undefined ? drawn : Number(seed),
      sabotage,
      whole: wanted === undefined && !short,
    },
  };
}

/** How often which gate is to try; `everyGate` where one number was given for all. */
interface Counts {
  readonly everyGate?: number;
  readonly byName: ReadonlyMap<string, number>;
}

const isCount = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text);

/** Reads `50` or `kills=300,swaps=100`; a sentence where it is neither. */
function readCounts(text: string, all: readonly Gate[]): Counts | string {
  if (text === '' || isCount(text)) return { byName: new Map(), ...(text === '' ? {} : { everyGate: Number(text) }) };
  const byName = new Map<string, number>();
  for (const part of text.split(',')) {
    const [name = '', count = ''] = part.split('=', 2);
    if (!all.some((gate) => gate.name === name) || !isCount(count))
      return `--rounds takes a whole number from 1 on, or GATE=N,GATE=N, not "${part}"`;
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

const refuse = (problem: string, all: readonly Gate[]): ParsedOptions => ({
  ok: false,
  why: [
    problem,
    '',
    'npm run gauntlet -- [--only GATE,GATE...] [--short] [--rounds N | GATE=N,GATE=N...] [--seed N] [--sabotage FAULT]',
    '',
    ...all.map(({ name, about, rounds: { whole, short } }) => {
      return `  ${name.padEnd(12)} ${about}; ${whole} rounds, ${short ?? 'none'} with --short`;
    }),
    '',
    `Faults that can be planted, each of which must be found: ${all.flatMap(({ sabotages }) => sabotages).join(', ')}.`,
    'Only a run of every gate without --short writes docs/reliability.md.',
  ].join('\n'),
});
