import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heavyModel } from '../test/support/onnx/models';
import { removeFolder, scratchFolder } from './scratch';

/** A folder registry of the bench's own. */
export class BenchRegistry {
  readonly path = scratchFolder('registry');

  /** Puts the bundled models in. */
  static withBundledModels(root: string): BenchRegistry {
    const registry = new BenchRegistry();
    cpSync(join(root, 'models'), registry.path, { recursive: true });
    return registry;
  }

  /** Puts a version there and returns its model URI. */
  publish(name: string, version: number, model: Uint8Array): string {
    const folder = join(this.path, name, String(version));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model.onnx'), model);
    return `models:/${name}/${version}`;
  }

  remove(): void {
    removeFolder(this.path);
  }
}

/** A matrix of so many megabytes, which takes four floats a row as the Iris models do. */
export const modelOfMegabytes = (megabytes: number): Uint8Array =>
  heavyModel(Math.round(Math.sqrt((megabytes * 1_000_000) / 4)));
