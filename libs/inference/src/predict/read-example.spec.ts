import type { ModelSignature } from '../signature/signature';
import { readExample } from './read-example';

const matrix: ModelSignature = {
  inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [],
  columns: ['age', 'size'],
  source: 'mlmodel',
};

const read = (example: unknown) => readExample(Buffer.from(JSON.stringify(example)), matrix);

describe("a model's own input example", () => {
  it.each([
    ['nested arrays', [[1, 2]], [[1, 2]]],
    ['a data frame', { columns: ['age', 'size'], data: [[1, 2]] }, [[1, 2]]],
    ['an example with params', { inputs: [[1, 2]], params: { k: 1 } }, [[1, 2]]],
    [
      'columns',
      { age: [1, 3], size: [2, 4] },
      [
        { age: 1, size: 2 },
        { age: 3, size: 4 },
      ],
    ],
  ])('is read from %s', (_, example, rows) => {
    const found = read(example);
    expect(found?.rows).toEqual(rows);
    expect(found?.inputs[0]).toMatchObject({ name: 'X', shape: [rows.length, 2] });
  });

  it.each([
    ['other columns', [[1, 2, 3]]],
    ['a text', 'hello'],
    ['nothing', {}],
    ['a row that is missing', { age: [1, 3], size: [2] }],
  ])('is none where it is %s', (_, example) => {
    expect(read(example)).toBeUndefined();
  });

  it('is none where it is no JSON, or holds numbers that a request cannot', () => {
    expect(readExample(Buffer.from('[[1,'), matrix)).toBeUndefined();
    expect(readExample(Buffer.from('[[1, NaN]]'), matrix)).toBeUndefined();
  });
});
