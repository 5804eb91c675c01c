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
    return refuse(error instanceof Error ? error.message : String(error), all);
  }
  const { only, rounds, seed, sabotage, short } = values;
  for (const [name, value] of Object.entries({ rounds, seed }))
    if (value !== undefined && !/^[1-9]\d{0,8}$/.test(value))
      return refuse(`--${name} takes a whole number from 1 on, not "${value}"`, all);
  const named = only?.split(',').map((name) => name.trim());
  const unknown = named?.filter((name) => !all.some((gate) => gate.name === name)) ?? [];
  if (unknown.length > 0) return refuse(`there is no gate "${unknown.join('", "')}"`, all);
  const saboteur = all.find(({ sabotages }) => sabotage !== undefined && sabotages.includes(sabotage));
  if (sabotage !== undefined && saboteur === undefined) return refuse(`there is no sabotage "${sabotage}"`, all);
  const wanted = saboteur === undefined ? named : [saboteur.name];
  return {
    ok: true,
    options: {
      trials: trialsOf(all, wanted, short, rounds),
      seed: seed === undefined ? drawn : Number(seed),
      sabotage,
      whole: wanted === undefined && !short,
    },
  };
}

function trialsOf(
  all: readonly Gate[],
  wanted: readonly string[] | undefined,
  short: boolean,
  rounds: string | undefined,
): Trial[] {
  return all
    .filter((gate) => wanted?.includes(gate.name) ?? !(short && gate.rounds.short === null))
    .map((gate) => {
      const usual = short ? (gate.rounds.short ?? gate.rounds.whole) : gate.rounds.whole;
      return { gate, rounds: rounds === undefined ? usual : Number(rounds) };
    });
}

const refuse = (problem: string, all: readonly Gate[]): ParsedOptions => ({
  ok: false,
  why: [
    problem,
    '',
    'npm run gauntlet -- [--only GATE,GATE...] [--short] [--rounds N] [--seed N] [--sabotage FAULT]',
    '',
    ...all.map(({ name, about, rounds: { whole, short } }) => {
      return `  ${name.padEnd(12)} ${about}; ${whole} rounds, ${short ?? 'none'} with --short`;
    }),
    '',
    `Faults that can be planted, each of which must be found: ${all.flatMap(({ sabotages }) => sabotages).join(', ')}.`,
    'Only a run of every gate without --short writes docs/reliability.md.',
  ].join('\n'),
});
