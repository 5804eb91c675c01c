import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { isProcessAlive } from '@understudy/platform';

const PREFIX = 'understudy-';

/**
 * Where runners listen: Unix sockets in a folder that only this user can enter (named pipes on Windows). The folder's name is
 * short, because a socket's path has about a hundred bytes at most.
 */
@Injectable()
export class RunnerSockets {
  private readonly directory: string | undefined;
  private count = 0;

  constructor() {
    if (process.platform === 'win32') return;
    removeLeftovers();
    this.directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  }

  newPath(): string {
    const name = `${++this.count}.sock`;
    return this.directory === undefined ? `\\\\.\\pipe\\${PREFIX}${process.pid}-${name}` : join(this.directory, name);
  }

  async remove(): Promise<void> {
    if (this.directory !== undefined) await rm(this.directory, { recursive: true, force: true });
  }
}

/** Folders of servers of this user that were killed before they could remove them. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isProcessAlive(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    try {
      if (statSync(folder).uid === process.getuid?.()) rmSync(folder, { recursive: true, force: true });
    } catch {
      // somebody else removed it meanwhile
    }
  }
}
