import type { Random } from './random';

export interface GateContext {
  /** How often the gate tries. */
  readonly rounds: number;
  readonly random: Random;
  /** The fault that is planted to see whether the gate finds it; undefined in a run that counts. */
  readonly sabotage: string | undefined;
  readonly root: string;
  /** Says on standard error what is going on. */
  readonly say: (text: string) => void;
}

/** One line of the table. */
export interface Finding {
  readonly measure: string;
  readonly goal: string;
  readonly figure: string;
  readonly reached: boolean;
}

/** One promise of the product, put to the test on real processes. Throws only where it could not be tried at all. */
export interface Gate {
  /** As `--only` names it. */
  readonly name: string;
  readonly about: string;
  /** What it does and compares, in sentences for the page. */
  readonly how: string;
  /** How often it tries in a whole run and in a short one; `null` leaves it out of the short one. */
  readonly rounds: { readonly whole: number; readonly short: number | null };
  /** The faults that can be planted in it. Each must make it fail. */
  readonly sabotages: readonly string[];
  judge(context: GateContext): Promise<readonly Finding[]>;
}

/** A line whose goal is that nothing went wrong; the first things that did are told. */
export function nothingWrong(measure: string, goal: string, figure: string, wrong: readonly string[]): Finding {
  const more = wrong.length > MOST_TOLD ? `; and ${wrong.length - MOST_TOLD} more` : '';
  const told = wrong.length === 0 ? '' : `: ${wrong.slice(0, MOST_TOLD).join('; ')}${more}`;
  return { measure, goal, figure: `${wrong.length} ${figure}${told}`, reached: wrong.length === 0 };
}

const MOST_TOLD = 5;

export const atMost = (measure: string, limit: number, value: number, unit: string, digits: number): Finding => ({
  measure,
  goal: `at most ${limit} ${unit}`,
  figure: `${value.toFixed(digits)} ${unit}`,
  reached: value <= limit,
});
