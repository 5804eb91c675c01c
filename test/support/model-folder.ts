import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';

/** A folder registry that a test fills: lone ONNX files, or whole MLflow model folders. */
export class ModelFolder {
  private readonly folder = temporaryFolder('registry');
  readonly path = this.folder.path;

  /** Puts a version there: the bytes of an ONNX file, or files by name. Returns its model URI. */
  publish(name: string, version: number, content: Uint8Array | Readonly<Record<string, Uint8Array | string>>): string {
    const folder = join(this.path, name, String(version));
    mkdirSync(folder, { recursive: true });
    const files = content instanceof Uint8Array ? { 'model.onnx': content } : content;
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
    return `models:/${name}/${version}`;
  }

  setAlias(name: string, alias: string, version: number): void {
    mkdirSync(join(this.path, name, 'aliases'), { recursive: true });
    writeFileSync(join(this.path, name, 'aliases', alias), `${version}\n`);
  }

  unpublish(name: string, version: number): void {
    rmSync(join(this.path, name, String(version)), { recursive: true });
  }

  remove(): void {
    this.folder.remove();
  }
}

/** An MLmodel file with these flavors. */
export function mlModelText(flavors: Readonly<Record<string, object>>, more = ''): string {
  const lines = Object.entries(flavors).map(([name, flavor]) => `  ${name}: ${JSON.stringify(flavor)}`);
  return `flavors:\n${lines.join('\n')}\n${more}`;
}
