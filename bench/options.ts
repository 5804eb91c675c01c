import { parseArgs } from 'node:util';
import type { Part, Thoroughness } from './part';

export interface Options extends Thoroughness {
  readonly parts: readonly Part[];
  /** Whether everything is measured as thoroughly as the page promises. */
  readonly whole: boolean;
}

export type ParsedOptions =
  { readonly ok: true; readonly options: Options } | { readonly ok: false; readonly why: string };

const WHOLE: Thoroughness = { seconds: 4, rounds: 2, swaps: 100, candidates: 200 };
const QUICK: Thoroughness = { seconds: 1, rounds: 1, swaps: 10, candidates: 16 };

/** Reads the command line. `all` are the parts that there are. */
export function readOptions(args: readonly string[], all: readonly Part[]): ParsedOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        swaps: { type: 'string' },
        candidates: { type: 'string' },
        quick: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), all);
  }
  const normal = values.quick ? QUICK : WHOLE;
  const thoroughness = { ...normal };
  for (const name of Object.keys(normal) as (keyof Thoroughness)[]) {
    const given = values[name];
    if (given === undefined) continue;
    if (!/^[1-9]\d*$/.test(given)) return refuse(`--${name} takes a whole number from 1 on, not "${given}"`, all);
    Object.assign(thoroughness, { [name]: Number(given) });
  }
  const names = values.only?.split(',').map((name) => name.trim());
  const unknown = names?.filter((name) => !all.some((part) => part.name === name)) ?? [];
  if (unknown.length > 0) return refuse(`there is no part "${unknown.join('", "')}"`, all);
  const parts = all.filter(({ name, onlyByName }) => names?.includes(name) ?? onlyByName !== true);
  const asThorough = (Object.keys(WHOLE) as (keyof Thoroughness)[]).every((name) => thoroughness[name] >= WHOLE[name]);
  return { ok: true, options: { ...thoroughness, parts, whole: names === undefined && asThorough } };
}

const refuse = (problem: string, all: readonly Part[]): ParsedOptions => ({
  ok: false,
  why: [
    problem,
    '',
    'npm run bench -- [--only PART,PART...] [--seconds N] [--rounds N] [--swaps N] [--candidates N] [--quick]',
    '',
    ...all.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`),
    '',
    'Only a run of everything, no less thorough than the default, writes docs/benchmarks.md.',
  ].join('\n'),
});
