import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heavyModel } from '../test/support/onnx/models';

/** Writes `NAME/1/model.onnx` below `folder`: a matrix of `megabytes`, that takes four floats a row as the Iris models do. */
export function writeLargeModel(folder: string, name: string, megabytes: number): void {
  const size = Math.round(Math.sqrt((megabytes * 1_000_000) / 4));
  mkdirSync(join(folder, name, '1'), { recursive: true });
  writeFileSync(join(folder, name, '1', 'model.onnx'), heavyModel(size));
}
