import { DomainError, isDomainError } from '@understudy/platform';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would be larger than this process may write',
  EROFS: 'the disk is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EIO: 'the disk failed',
  ENOTDIR: 'something that is no folder is in the way',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
};

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Does something with this machine's disk. What the disk says no to becomes DomainError `storage-failed`, whose sentence names no
 * path; whatever else is thrown passes as it is.
 */
export async function onDisk<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw isSystemError(error) ? storageFailed(error) : error;
  }
}

/** Whether this is the `storage-failed` of a disk without room, where making some may help. */
export function isDiskFull(error: unknown): boolean {
  return isDomainError(error, 'storage-failed') && isSystemError(error.cause) && FULL.has(error.cause.code ?? '');
}

function storageFailed(cause: NodeJS.ErrnoException): DomainError {
  const code = cause.code ?? '';
  return new DomainError(
    'storage-failed',
    `The model cache could not be written: ${REASONS[code] ?? `the system says ${code}`}. Nothing was changed. ` +
      'Free space in the folder of UNDERSTUDY_DATA_DIR or name another',
    {},
    { cause },
  );
}

/** Whether the operating system refused something, as opposed to a promise of ours that was broken. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as Partial<NodeJS.ErrnoException> | null | undefined)?.syscall === 'string';
}
