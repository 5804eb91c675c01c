import type { ModelSignature } from '../signature/signature';
import { modelConfig, modelMetadata } from './describe-model';

const SIGNATURE: ModelSignature = {
  inputs: [
    { name: 'X', datatype: 'FP32', shape: [-1, 4] },
    { name: 'note', datatype: 'BYTES', shape: [-1, 1] },
  ],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  columns: ['a', 'b', 'c', 'd'],
  source: 'onnx',
};

describe('what a model says of itself', () => {
  it('is its versions and its tensors, with -1 for open sizes', () => {
    expect(modelMetadata('iris', ['1', '3'], SIGNATURE)).toEqual({
      name: 'iris',
      versions: ['1', '3'],
      platform: 'onnxruntime_onnx',
      inputs: [
        { name: 'X', datatype: 'FP32', shape: [-1, 4] },
        { name: 'note', datatype: 'BYTES', shape: [-1, 1] },
      ],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
    });
  });

  it('is, for perf_analyzer, a configuration without batching that keeps every axis', () => {
    expect(modelConfig('iris', SIGNATURE, 0)).toEqual({
      name: 'iris',
      platform: 'onnxruntime_onnx',
      backend: 'onnxruntime',
      max_batch_size: 0,
      input: [
        { name: 'X', data_type: 'TYPE_FP32', dims: [-1, 4] },
        { name: 'note', data_type: 'TYPE_STRING', dims: [-1, 1] },
      ],
      output: [{ name: 'label', data_type: 'TYPE_INT64', dims: [-1] }],
    });
  });

  it('is, for a batching model, a configuration that leaves the batch axis out', () => {
    expect(modelConfig('iris', SIGNATURE, 8)).toMatchObject({
      max_batch_size: 8,
      input: [{ dims: [4] }, { dims: [1] }],
      output: [{ dims: [] }],
      dynamic_batching: {},
    });
  });
});
