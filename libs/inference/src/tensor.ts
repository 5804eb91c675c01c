import type { Datatype, TensorData } from './datatype';

/** A dense tensor: elements in row-major order, as many as the product of `shape`. */
export interface Tensor extends TensorValue {
  readonly name: string;
}

/** A tensor that is known by its place. */
export interface TensorValue {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a model says about one of its inputs or outputs. A dimension of -1 takes any size. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** How many elements a tensor of this shape has; a scalar has one. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** `FP32[?, 4]`: a spec as people read it. */
export function describeSpec({ datatype, shape }: Pick<TensorSpec, 'datatype' | 'shape'>): string {
  return `${datatype}[${shape.map((size) => (size < 0 ? '?' : String(size))).join(', ')}]`;
}

/** The elements `from` up to but not including `to`, sharing memory where the data is numeric. */
export function sliceData(data: TensorData, from: number, to: number): TensorData {
  return ArrayBuffer.isView(data) ? data.subarray(from, to) : data.slice(from, to);
}
