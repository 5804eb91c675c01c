import type { Signature } from '../api/types';
import type { FormField } from './form-fields';

export type Value = string | number | boolean;

const MOST_EXAMPLE_VALUES = 64;

const WHOLE_OR_REAL = /^(U?INT|FP)/;

/** One row in the shape of the inputs, zeros or empty texts, where that is small; what a form begins with that has no example. */
export function rowFromSignature({ inputs }: Signature): unknown[] {
  const values = inputs.map(({ datatype, shape }) => filled(shape.slice(1), blankOf(datatype)));
  if (values.some((value) => value === undefined)) return [];
  return [inputs.length === 1 ? values[0] : values];
}

function filled(shape: readonly number[], blank: Value): unknown {
  const sizes = shape.map((size) => Math.max(1, size));
  if (sizes.reduce((product, size) => product * size, 1) > MOST_EXAMPLE_VALUES) return undefined;
  return repeated(sizes, blank);
}

const repeated = ([size, ...rest]: readonly number[], blank: Value): unknown =>
  size === undefined ? blank : Array.from({ length: size }, () => repeated(rest, blank));

function blankOf(datatype: string): Value {
  if (datatype === 'BOOL') return false;
  return WHOLE_OR_REAL.test(datatype) ? 0 : '';
}

/** The fields' values from one row, an array or an object by name; null where it is neither, so that the form cannot show it. */
export function valuesOf(fields: readonly FormField[], row: unknown): Readonly<Record<string, Value>> | null {
  const at = (label: string, index: number): unknown =>
    Array.isArray(row) ? row[index] : (row as Readonly<Record<string, unknown>> | null)?.[label];
  const values = fields.map(({ label }, index) => [label, at(label, index)] as const);
  return values.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    ? (Object.fromEntries(values) as Record<string, Value>)
    : null;
}
