import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let everything: string | undefined;

/** A fresh folder. Whoever asks may remove it; whatever is left goes when the bench ends. */
export function scratchFolder(name: string): string {
  everything ??= mkdtempSync(join(tmpdir(), `understudy-bench-${process.pid}-`));
  return mkdtempSync(join(everything, `${name}-`));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

export function removeScratch(): void {
  if (everything !== undefined) removeFolder(everything);
}
