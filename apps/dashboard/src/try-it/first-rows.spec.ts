import type { Signature } from '../api/types';
import { formFields } from './form-fields';
import { rowFromSignature, valuesOf } from './first-rows';

const signature = (inputs: { name: string; datatype: string; shape: number[] }[], columns: string[] | null = null) =>
  ({ inputs, outputs: [], columns, source: 'onnx' }) as unknown as Signature;

const people = signature([{ name: 'X', datatype: 'FP32', shape: [-1, 2] }], ['age', 'size']);

describe('a row to begin with', () => {
  it.each([
    ['a matrix', people, [[0, 0]]],
    [
      'several inputs',
      signature([
        { name: 'age', datatype: 'FP32', shape: [-1, 1] },
        { name: 'city', datatype: 'BYTES', shape: [-1, 1] },
      ]),
      [[[0], ['']]],
    ],
    ['truth values', signature([{ name: 'X', datatype: 'BOOL', shape: [-1, 1] }]), [[false]]],
    ['open sizes', signature([{ name: 'X', datatype: 'INT64', shape: [-1, -1] }]), [[0]]],
    ['what is too large to type', signature([{ name: 'X', datatype: 'FP32', shape: [-1, 3, 224, 224] }]), []],
  ])('follows from the signature of %s', (_, given, expected) => {
    expect(rowFromSignature(given)).toEqual(expected);
  });

  it('fills the form from an array and from an object by name', () => {
    const fields = formFields(people) ?? [];
    expect(valuesOf(fields, [30, 1.8])).toEqual({ age: 30, size: 1.8 });
    expect(valuesOf(fields, { size: 1.8, age: 30 })).toEqual({ age: 30, size: 1.8 });
  });

  it.each([[undefined], [null], [[1]], [[[1], 2]], ['text']])('cannot fill the form from %j', (row) => {
    expect(valuesOf(formFields(people) ?? [], row)).toBeNull();
  });
});
