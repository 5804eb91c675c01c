import { DomainError, messageOf } from '@understudy/platform';

/** Writing to this machine's disk failed, as opposed to reading from the registry. */
export class StorageError extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'StorageError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EIO: 'the disk failed',
};

/** The DomainError for a failure of this machine's disk; whatever else was thrown passes as it is. */
export function storageFailure(error: unknown): unknown {
  if (!(error instanceof StorageError)) return error;
  const code = (error.cause as NodeJS.ErrnoException | null)?.code;
  const reason = REASONS[code ?? ''] ?? error.message;
  return new DomainError(
    'storage-failed',
    `The model cache could not be written: ${reason}. Nothing was changed. Free space in the folder of UNDERSTUDY_DATA_DIR or name another`,
    {},
    { cause: error.cause },
  );
}
