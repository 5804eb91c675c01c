import { countOf, namesOf, type Read, readCommandLine, valuesOf } from './command-line';
import type { Part, Thoroughness } from './part';

export interface Options extends Thoroughness {
  readonly parts: readonly Part[];
  /** Whether everything is measured as thoroughly as the page promises. */
  readonly whole: boolean;
}

const WHOLE: Thoroughness = { seconds: 4, rounds: 2, swaps: 100, candidates: 200 };
const QUICK: Thoroughness = { seconds: 1, rounds: 1, swaps: 10, candidates: 16 };
const MEASURES = Object.keys(WHOLE) as (keyof Thoroughness)[];

/** Reads the command line. `all` are the parts that there are. */
export function readOptions(args: readonly string[], all: readonly Part[]): Read<Options> {
  return readCommandLine(usageOf(all), () => {
    const values = valuesOf(args, {
      only: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      swaps: { type: 'string' },
      candidates: { type: 'string' },
      quick: { type: 'boolean', default: false },
    });
    const thoroughness = { ...(values.quick ? QUICK : WHOLE) };
    for (const name of MEASURES) {
      const given = countOf(name, values[name]);
      if (given !== undefined) Object.assign(thoroughness, { [name]: given });
    }
    const names = namesOf(values.only, all, 'part');
    const parts = all.filter(({ name, onlyByName }) => names?.includes(name) ?? onlyByName !== true);
    const asThorough = MEASURES.every((name) => thoroughness[name] >= WHOLE[name]);
    return { ...thoroughness, parts, whole: names === undefined && asThorough };
  });
}

const usageOf = (all: readonly Part[]): string[] => [
  'npm run bench -- [--only PART,PART...] [--seconds N] [--rounds N] [--swaps N] [--candidates N] [--quick]',
  '',
  ...all.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`),
  '',
  'Only a run of everything, no less thorough than the default, writes docs/benchmarks.md.',
];
