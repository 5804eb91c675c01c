import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityModel, zipMapModel } from '../../../../test/support/onnx/models';
import { readOnnxFile } from './onnx-file';
import { withoutZipMap } from './without-zip-map';

const folder = mkdtempSync(join(tmpdir(), 'test-zip-map-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function examine(bytes: Uint8Array) {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return readOnnxFile(path);
}

describe('a classifier with ZipMap', () => {
  it.each([
    ['numbers', [0n, 1n, 7n], ['0', '1', '7']],
    ['texts', ['setosa', 'versicolor', 'Größe'], ['setosa', 'versicolor', 'Größe']],
  ])('gets a tensor of probabilities in its place, with the classes, which are %s', (_, labels, expected) => {
    const rewritten = withoutZipMap(zipMapModel(labels));
    expect(rewritten?.classes).toEqual(new Map([['output_probability', expected]]));
    const before = examine(zipMapModel(labels));
    const after = examine(rewritten!.model);
    expect(before.outputs.map(({ kind }) => kind)).toEqual(['tensor', 'sequence']);
    expect(after.outputs).toEqual([
      before.outputs[0],
      { name: 'output_probability', kind: 'tensor', elementType: 1, shape: [-1, 3] },
    ]);
    expect(after.inputs).toEqual(before.inputs);
    expect(after.opsets.get('')).toBeGreaterThan(0);
  });
});

it('leaves a model without ZipMap as it is', () => {
  expect(withoutZipMap(identityModel('FP32'))).toBeUndefined();
});

it('leaves a file without a graph as it is', () => {
  expect(withoutZipMap(new Uint8Array())).toBeUndefined();
});
