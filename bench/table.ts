import { number } from './format';
import type { Measured } from './load';

/** One figure: what a server did in a round. */
export interface Row {
  readonly name: string;
  /** How it was asked: what is asked in another way is no comparison. */
  readonly asked: string;
  readonly round: number;
  readonly measured: Measured;
}

/** A line of a table: one server, in every round. */
interface Series {
  readonly name: string;
  readonly asked: string;
  readonly byRound: ReadonlyMap<number, Measured>;
}

/** Rates as ratios to the first line's and, round by round, what each of ours is to every other. */
export function table(rows: readonly Row[]): string[] {
  const series = toSeries(rows);
  const [reference] = series as [Series];
  const ours = series.filter(({ name }) => name.startsWith('Understudy'));
  const others = series.filter(({ name }) => !name.startsWith('Understudy'));
  return [
    `| server | requests/s | of the first | p50 ms | p99 ms | failed |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...series.map((own) => line(own, reference)),
    '',
    ...ours.map((own) => {
      const comparable = others.filter((other) => other.asked === own.asked);
      return `- ${own.name}: ${comparable.map((other) => `${number(rateRatios(own, other), 2)} × ${other.name}`).join('; ')}`;
    }),
    '',
  ];
}

/** What one server did to what another did, round by round; undefined where one of them was not measured. */
export function ratios(
  rows: readonly Row[],
  own: string,
  other: string,
  of: keyof Measured = 'requestsPerSecond',
): readonly number[] | undefined {
  const find = (name: string, round: number) => rows.find((row) => row.name === name && row.round === round);
  const rounds = [...new Set(rows.map(({ round }) => round))];
  const both = rounds.flatMap((round) => {
    const [a, b] = [find(own, round), find(other, round)];
    return a === undefined || b === undefined ? [] : [a.measured[of] / b.measured[of]];
  });
  return both.length === 0 ? undefined : both;
}

function line(own: Series, reference: Series): string {
  const measured = [...own.byRound.values()];
  const of = (figure: keyof Measured): number[] => measured.map((one) => one[figure]);
  const failures = of('failures').reduce((sum, one) => sum + one, 0);
  const cells = [
    own.name,
    number(of('requestsPerSecond'), 0),
    number(rateRatios(own, reference), 3),
    number(of('p50Ms'), 2),
    number(of('p99Ms'), 1),
    failures,
  ];
  return `| ${cells.join(' | ')} |`;
}

function toSeries(rows: readonly Row[]): Series[] {
  const series = new Map<string, Series & { readonly byRound: Map<number, Measured> }>();
  for (const { name, asked, round, measured } of rows) {
    const own = series.get(name) ?? { name, asked, byRound: new Map<number, Measured>() };
    own.byRound.set(round, measured);
    series.set(name, own);
  }
  return [...series.values()];
}

const rateRatios = (own: Series, other: Series): number[] =>
  [...own.byRound].map(
    ([round, { requestsPerSecond }]) => requestsPerSecond / (other.byRound.get(round)?.requestsPerSecond ?? NaN),
  );
