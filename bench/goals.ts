import { number } from './format';

/** A measure that the product has a goal for. */
interface Goal {
  readonly measure: string;
  readonly goal: number;
  readonly is: 'at least' | 'at most';
  readonly unit?: string;
  readonly digits: number;
}

const ratio = (measure: string, is: Goal['is'], goal: number): Goal => ({ measure, is, goal, digits: 2 });

/** In the order of the table. */
export const GOALS = {
  'predict-noop': ratio('`/predict`, 2 rows, 32 connections ÷ no-op node:http', 'at least', 0.8),
  'predict-inline': ratio('`/predict`, the same ÷ node:http with onnxruntime in line', 'at least', 2),
  'predict-fastapi': ratio('`/predict`, the same ÷ FastAPI with onnxruntime', 'at least', 7),
  'predict-spec': ratio('`/predict`, the same ÷ the spec’s service', 'at least', 22),
  'predict-mlserver': ratio('`/predict`, the same ÷ MLServer (its `/v2`)', 'at least', 14),
  'invocations-noop': ratio('`/invocations`, the same ÷ no-op node:http', 'at least', 0.6),
  'v2-noop': ratio('`/v2` with JSON, the same ÷ no-op node:http', 'at least', 0.6),
  'p50-inline': ratio('p50 at one connection ÷ node:http with onnxruntime in line', 'at most', 1.5),
  'five-ms': ratio(
    'a 5 ms model, throughput ÷ the model in a bare loop on the same number of threads',
    'at least',
    0.95,
  ),
  'binary-tensor': ratio('a tensor of 600 KB in binary ÷ a server that only reads the body', 'at least', 0.5),
  'update-p99': ratio(
    'p99 while a 500 MB model is loaded, promoted and the old one ends ÷ steady p99',
    'at most',
    1.25,
  ),
  'update-slowest': {
    measure: 'slowest request of a steady load because a 400 MB model is loaded, promoted and ended meanwhile',
    is: 'at most',
    goal: 100,
    unit: 'ms',
    digits: 0,
  },
  'swaps-memory': {
    measure: 'memory after the last of 100 hot swaps of a 50 MB model ÷ after the first',
    is: 'at most',
    goal: 1.05,
    digits: 3,
  },
  'candidates-failed': {
    measure: 'failed predictions on current while 200 candidates crash, hang or eat memory in next',
    is: 'at most',
    goal: 0,
    digits: 0,
  },
  'candidates-usable': {
    measure: 'until next is usable again after such a candidate, the longest',
    is: 'at most',
    goal: 2,
    unit: 's',
    digits: 2,
  },
  'overload-goodput': ratio('at five times the load it can bear: goodput ÷ best throughput', 'at least', 0.9),
  'overload-refusal': {
    measure: 'at five times the load it can bear: time to refuse, p95',
    is: 'at most',
    goal: 50,
    unit: 'ms',
    digits: 1,
  },
} as const satisfies Readonly<Record<string, Goal>>;

export type GoalName = keyof typeof GOALS;

/** What was measured, once a round. */
export type Figures = Readonly<Partial<Record<GoalName, readonly number[]>>>;

/** The table of the goals, with the figures of this run; `all` tells those that were not measured too. */
export function goalsTable(figures: Figures, all: boolean): string[] {
  const names = (Object.keys(GOALS) as GoalName[]).filter((name) => all || figures[name] !== undefined);
  if (names.length === 0) return ['None was measured.'];
  return [
    '| measure | goal | this run | reached |',
    '| --- | --- | --- | --- |',
    ...names.map((name) => `| ${GOALS[name].measure} | ${describeGoal(name)} | ${cells(name, figures[name])} |`),
  ];
}

/** A figure beside its goal, for the section that tells how it came about. */
export function againstGoal(name: GoalName, values: readonly number[]): string {
  return `- ${GOALS[name].measure}: **${describeFigure(name, values)}** (goal: ${describeGoal(name)}; reached: ${verdict(name, values)})`;
}

function cells(name: GoalName, values: readonly number[] | undefined): string {
  if (values === undefined) return 'not measured | -';
  return `${describeFigure(name, values)} | ${verdict(name, values)}`;
}

function describeGoal(name: GoalName): string {
  const { is, goal, unit }: Goal = GOALS[name];
  return `${is} ${goal}${unit === undefined ? '' : ` ${unit}`}`;
}

function describeFigure(name: GoalName, values: readonly number[]): string {
  const { digits, unit }: Goal = GOALS[name];
  return `${number(values, digits)}${unit === undefined ? '' : ` ${unit}`}`;
}

/** A round that does not reach the goal is told, for the next run may be like it. */
function verdict(name: GoalName, values: readonly number[]): string {
  const { is, goal }: Goal = GOALS[name];
  const reached = values.filter((value) => (is === 'at least' ? value >= goal : value <= goal)).length;
  if (reached === values.length) return 'yes';
  return reached === 0 ? '**no**' : `in ${reached} of ${values.length} rounds`;
}
