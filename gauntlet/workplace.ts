import { renameSync } from 'node:fs';
import { ModelFolder } from '../test/support/model-folder';
import { constantModel } from '../test/support/onnx/models';
import { temporaryFolder, type TemporaryFolder } from '../test/support/temporary-folder';

const made = new Set<Workplace>();

/** Removes what gates that were broken off have left. */
export function removeWorkplaces(): void {
  for (const workplace of made) workplace.remove();
}

export const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

/** A folder registry, whose version N answers N, and a folder for a server's data. */
export class Workplace {
  readonly registry = new ModelFolder();
  private readonly data: TemporaryFolder = temporaryFolder('gauntlet');
  private isAway = false;

  constructor(versions: number, model: (version: number) => Uint8Array = constantModel) {
    made.add(this);
    for (let version = 1; version <= versions; version++)
      this.registry.publish('tracking-quickstart', version, model(version));
  }

  get environment(): Readonly<Record<string, string>> {
    return { UNDERSTUDY_REGISTRY_DIR: this.registry.path, UNDERSTUDY_DATA_DIR: this.data.path };
  }

  get dataFolder(): string {
    return this.data.path;
  }

  takeRegistryAway(): void {
    renameSync(this.registry.path, this.away);
    this.isAway = true;
  }

  bringRegistryBack(): void {
    if (!this.isAway) return;
    renameSync(this.away, this.registry.path);
    this.isAway = false;
  }

  remove(): void {
    this.bringRegistryBack();
    this.registry.remove();
    this.data.remove();
    made.delete(this);
  }

  private get away(): string {
    return `${this.registry.path}-away`;
  }
}
