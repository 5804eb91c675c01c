import type { Datatype, TensorData } from '../datatype';
import { elementCount, type TensorValue } from '../tensor';
import { fixedText } from './fixed-text';
import { largestFirst } from './largest-first';

/** Most elements that one entry of a batch is classified over. */
const MOST_CLASSES = 1_000_000;

const CLASSIFIED: ReadonlySet<Datatype> = new Set<Datatype>([
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP32',
  'FP64',
]);

export interface ClassificationOptions {
  /** How many classes to tell of each entry. */
  readonly top: number;
  /** Whether the first axis is a batch, each row of which is an entry; else all of the tensor is one. */
  readonly batched: boolean;
  /** A name for each element of an entry; not told where there are more or fewer. */
  readonly classNames: readonly string[] | null;
}

/** Why elements of this datatype are not ranked, or undefined where they are. */
export function whyNotClassified(datatype: Datatype): string | undefined {
  return CLASSIFIED.has(datatype)
    ? undefined
    : `class result not available for output due to unsupported type '${datatype}'; leave "classification" out`;
}

/**
 * The classification extension: in place of a tensor the `top` largest elements of each entry as texts `value:index[:label]`, largest
 * first, equal ones by index; of shape `[top]` or `[batch, top]`. A sentence where the tensor has too many elements for it.
 */
export function classify(
  tensor: TensorValue,
  { top, batched, classNames }: ClassificationOptions,
): TensorValue | string {
  const { datatype, shape, data } = tensor;
  const entries = batched ? (shape[0] ?? 1) : 1;
  const classes = batched ? elementCount(shape.slice(1)) : data.length;
  if (classes > MOST_CLASSES) {
    return `classification output tensor too large: ${classes} elements, at most ${MOST_CLASSES} are ranked`;
  }
  const kept = Math.min(top, classes);
  const valueText = datatype === 'FP32' || datatype === 'FP64' ? fixedText : String;
  const labels = classNames?.length === classes ? classNames : null;
  const texts: string[] = [];
  for (let entry = 0; entry < entries; entry++) {
    const start = entry * classes;
    for (const index of largestFirst(data as Rankable, start, classes, kept)) {
      const label = labels?.[index] ?? '';
      texts.push(`${valueText(data[start + index] as number)}:${index}${label === '' ? '' : `:${label}`}`);
    }
  }
  return { datatype: 'BYTES', shape: batched ? [entries, kept] : [kept], data: texts };
}

type Rankable = Exclude<TensorData, readonly string[]>;
