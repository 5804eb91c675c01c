/** One row's answers beside each other. */
export interface AnswerLine {
  readonly current: string | null;
  readonly next: string | null;
  readonly differs: boolean;
}

type Predictions = readonly unknown[] | null;

/** Row by row; null where an arm did not answer, which is no difference. */
export function answerLines(
  current: Predictions,
  next: Predictions,
  classNames: readonly string[] | null,
): AnswerLine[] {
  const rows = Math.max(current?.length ?? 0, next?.length ?? 0);
  return Array.from({ length: rows }, (_, row) => {
    const one = current === null ? null : show(current[row], classNames);
    const other = next === null ? null : show(next[row], classNames);
    return { current: one, next: other, differs: one !== null && other !== null && one !== other };
  });
}

/** A label with its name, where the model tells the names: `2 (virginica)`. */
function show(value: unknown, classNames: readonly string[] | null): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const name = typeof value === 'number' && Number.isInteger(value) ? classNames?.[value] : undefined;
  return name === undefined ? text : `${text} (${name})`;
}
