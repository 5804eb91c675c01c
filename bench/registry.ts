import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Publishes a model that is made and forgotten here. Giving hundreds of megabytes back takes this process 200 ms, which would be
 * measured as the server's if it came later.
 */
export function publishLarge(registry: BenchRegistry, version: number, megabytes: number): string {
  const uri = registry.publish('large', version, modelOfMegabytes(megabytes));
  collectGarbage();
  return uri;
}

/** A matrix of so many megabytes, which takes four floats a row as the Iris models do. */
const modelOfMegabytes = (megabytes: number): Uint8Array =>
  heavyModel(Math.round(Math.sqrt((megabytes * 1_000_000) / 4)));
