import type { Signature } from '../api/types';

/** One field of the form: a column, or one place of an input that is small enough to be typed in. */
export interface FormField {
  readonly label: string;
  readonly kind: 'number' | 'whole-number' | 'switch' | 'text';
  readonly initial: number | string | boolean;
}

/** Inputs with more values than this are given as JSON. */
const MOST_FIELDS = 60;

const WHOLE = /^U?INT/;

/**
 * The fields for one row where the model takes one matrix of rows; null where a form would be no help (several inputs, images,
 * open sizes), so that JSON is asked for.
 */
export function formFields({ inputs, columns }: Signature): readonly FormField[] | null {
  const [input] = inputs;
  if (inputs.length !== 1 || input?.shape.length !== 2) return null;
  const width = input.shape[1];
  if (width === undefined || width < 1 || width > MOST_FIELDS) return null;
  return Array.from({ length: width }, (_, index) => ({
    label: columns?.[index] ?? `${input.name}[${index}]`,
    ...kindOf(input.datatype),
  }));
}

function kindOf(datatype: string): Pick<FormField, 'kind' | 'initial'> {
  if (datatype === 'BYTES') return { kind: 'text', initial: '' };
  if (datatype === 'BOOL') return { kind: 'switch', initial: false };
  if (WHOLE.test(datatype)) return { kind: 'whole-number', initial: 0 };
  return { kind: 'number', initial: 0 };
}
