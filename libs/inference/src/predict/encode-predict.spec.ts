import type { TensorValue } from '../tensor';
import { encodePredictions } from './encode-predict';

const encode = (output: TensorValue): string => encodePredictions(output, 'current');

describe('encoding predictions', () => {
  it.each<[string, TensorValue, string]>([
    ['integer labels', { datatype: 'INT64', shape: [2], data: new BigInt64Array([0n, 2n]) }, '[0,2]'],
    ['a column of floats', { datatype: 'FP32', shape: [3, 1], data: new Float32Array([1, 0.5, -0]) }, '[1.0,0.5,-0.0]'],
    [
      'probabilities',
      { datatype: 'FP64', shape: [2, 2], data: new Float64Array([0.25, 0.75, 1, 0]) },
      '[[0.25,0.75],[1.0,0.0]]',
    ],
    ['texts', { datatype: 'BYTES', shape: [2], data: ['a"b', 'Rīga'] }, '["a\\"b","Rīga"]'],
    ['booleans', { datatype: 'BOOL', shape: [2], data: new Uint8Array([1, 0]) }, '[true,false]'],
    ['half floats', { datatype: 'FP16', shape: [1], data: new Uint16Array([0x3c00]) }, '[1.0]'],
    ['no rows', { datatype: 'FP32', shape: [0], data: new Float32Array() }, '[]'],
    ['rows without columns', { datatype: 'FP32', shape: [2, 0], data: new Float32Array() }, '[[],[]]'],
    ['large floats', { datatype: 'FP64', shape: [2], data: new Float64Array([1e21, 1e300]) }, '[1e+21,1e+300]'],
    [
      'the largest integers',
      { datatype: 'UINT64', shape: [1], data: new BigUint64Array([18446744073709551615n]) },
      '[18446744073709551615]',
    ],
  ])('[case 37] writes %s', (_, output, predictions) => {
    expect(encode(output)).toBe(`{"predictions":${predictions},"model_used":"current"}`);
  });

  it('[case 40] writes what JSON has no number for as text, never as null', () => {
    const data = new Float32Array([NaN, Infinity, -Infinity]);
    expect(encode({ datatype: 'FP32', shape: [3], data })).toBe(
      '{"predictions":["NaN","Infinity","-Infinity"],"model_used":"current"}',
    );
  });
});
