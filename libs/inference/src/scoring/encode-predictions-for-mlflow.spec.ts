import type { Tensor } from '../tensor';
import { encodePredictionsForMlflow } from './encode-predictions-for-mlflow';

const LABEL: Tensor = {
  name: 'label',
  datatype: 'INT64',
  shape: [2],
  data: new BigInt64Array([0n, 9007199254740993n]),
};
const PROBABILITIES: Tensor = {
  name: 'probabilities',
  datatype: 'FP32',
  shape: [2, 2],
  data: new Float32Array([0.25, 0.75, 1, 0]),
};
const VARIABLE: Tensor = { name: 'vari"able', datatype: 'FP64', shape: [2, 1], data: new Float64Array([1.5, -0]) };
const TEXT: Tensor = { name: 'text', datatype: 'BYTES', shape: [2], data: ['a"b', 'Rīga'] };

describe('encoding the answer of /invocations', () => {
  it.each<[string, Tensor[], string]>([
    ['one output', [VARIABLE], '{"vari\\"able":[[1.5],[-0.0]]}'],
    ['several', [LABEL, PROBABILITIES], '{"label":[0,9007199254740993],"probabilities":[[0.25,0.75],[1.0,0.0]]}'],
    ['texts', [TEXT], '{"text":["a\\"b","Rīga"]}'],
    ['a tensor of rank 3', [{ ...PROBABILITIES, shape: [1, 2, 2] }], '{"probabilities":[[[0.25,0.75],[1.0,0.0]]]}'],
    ['a scalar', [{ name: 's', datatype: 'BOOL', shape: [], data: new Uint8Array([1]) }], '{"s":true}'],
    ['nothing', [], '{}'],
  ])('case 37: writes arrays: %s', (_, outputs, predictions) => {
    expect(encodePredictionsForMlflow(outputs, 'arrays')).toBe(`{"predictions":${predictions}}`);
  });

  it.each<[string, Tensor[], string]>([
    ['one output', [VARIABLE], '[{"vari\\"able":1.5},{"vari\\"able":-0.0}]'],
    ['several of one size', [LABEL, TEXT], '[{"label":0,"text":"a\\"b"},{"label":9007199254740993,"text":"Rīga"}]'],
    [
      'each element of a matrix',
      [PROBABILITIES],
      '[{"probabilities":0.25},{"probabilities":0.75},{"probabilities":1.0},{"probabilities":0.0}]',
    ],
    [
      'arrays where the sizes differ',
      [LABEL, PROBABILITIES],
      '{"label":[0,9007199254740993],"probabilities":[[0.25,0.75],[1.0,0.0]]}',
    ],
  ])('writes records: %s', (_, outputs, predictions) => {
    expect(encodePredictionsForMlflow(outputs, 'records')).toBe(`{"predictions":${predictions}}`);
  });

  it('case 40: writes what JSON has no number for as text, never as null', () => {
    const data = new Float32Array([NaN, Infinity, -Infinity]);
    const output: Tensor = { name: 'y', datatype: 'FP32', shape: [3], data };
    expect(encodePredictionsForMlflow([output], 'arrays')).toBe('{"predictions":{"y":["NaN","Infinity","-Infinity"]}}');
    expect(encodePredictionsForMlflow([output], 'records')).toBe(
      '{"predictions":[{"y":"NaN"},{"y":"Infinity"},{"y":"-Infinity"}]}',
    );
  });
});
