import { DomainError } from '@understudy/platform';

/** Reads from the registry's folder. What the disk says no to becomes DomainError `registry-unavailable`, which names no path. */
export async function readable<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError(
      'registry-unavailable',
      'A file of the version could not be read from the registry folder; try again',
      {},
      { cause: error },
    );
  }
}
