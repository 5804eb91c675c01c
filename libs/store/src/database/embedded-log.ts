import { type FileHandle, open } from 'node:fs/promises';
import { DomainError } from '@understudy/platform';
import { codeOf } from './database-errors';

/**
 * The write-ahead log of the embedded database, which is brought to the disk here instead of by SQLite at each commit: that would hold
 * up every prediction for as long as the disk takes, and a disk to which a model is just being written takes long.
 */
export class EmbeddedLog {
  private lost: DomainError | undefined;

  /** Opened before anything is committed that is synced here: an error of the disk is told to whoever had the file open. */
  private constructor(private readonly file: FileHandle) {}

  /** @param database The path of the database, which is open and so has its log beside it. */
  static async open(database: string): Promise<EmbeddedLog> {
    return new EmbeddedLog(await open(`${database}-wal`, 'r+'));
  }

  /**
   * Resolves once all that was committed is on the disk. On macOS, node's datasync empties the drive's cache, too. Rejects where the disk does
   * not take it; from then on nobody can tell what is on it until the database is opened anew, and {@link verify} says so.
   */
  async sync(): Promise<void> {
    try {
      await this.file.datasync();
    } catch (error) {
      this.lost = new DomainError(
        'database-unavailable',
        `The disk did not take what was written last (${codeOf(error)}), and the system may have forgotten it. Look after the disk of ` +
          'UNDERSTUDY_DATA_DIR, then start the server again: it goes on from what it finds',
        {},
        { cause: error },
      );
      throw this.lost;
    }
  }

  /** Throws DomainError `database-unavailable` where something that was committed may not be on the disk. */
  verify(): void {
    if (this.lost !== undefined) throw this.lost;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
