import { DomainError, isDomainError } from '@understudy/platform';

/**
 * SQLSTATE classes after which the same request may succeed later: connection exceptions, insufficient resources, operator
 * intervention, system errors; and a server that became read-only (25006) or a lock that was not free (55P03).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const POSTGRES_UNAVAILABLE = /^(08...|53...|57...|58...|25006|55P03|XX000)$/;
/** Serialization failure and deadlock: the whole transaction was rolled back, so it may be run again. */
const POSTGRES_RETRY = /^(40001|40P01)$/;
const POSTGRES_CONFIGURATION = /^(28...|3D000|42501)$/;

const SQLITE_UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|READONLY|CANTOPEN|NOMEM|PERM)/;
const SQLITE_DAMAGED = /^SQLITE_(CORRUPT|NOTADB|FORMAT)/;

const CONNECTION_LOST =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client was closed|not queryable|Cannot use a pool after/;
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ENOENT)/;

/** How a failure of the database is to be met. */
export type DatabaseTrouble = 'unavailable' | 'retry' | 'unusable' | 'fault';

export function troubleOf(error: unknown): DatabaseTrouble {
  if (isDomainError(error)) return error.code === 'database-unavailable' ? 'unavailable' : 'fault';
  const code = codeOf(error);
  if (POSTGRES_RETRY.test(code)) return 'retry';
  if (SQLITE_DAMAGED.test(code) || POSTGRES_CONFIGURATION.test(code)) return 'unusable';
  if (POSTGRES_UNAVAILABLE.test(code) || SQLITE_UNAVAILABLE.test(code) || NETWORK.test(code)) return 'unavailable';
  return error instanceof Error && CONNECTION_LOST.test(error.message) ? 'unavailable' : 'fault';
}

/** The code of the driver's error: an SQLSTATE, SQLITE_... or an errno; empty where there is none. TypeORM wraps it. */
export function codeOf(error: unknown): string {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: { code?: unknown } };
  const found = driverError?.code ?? code;
  return typeof found === 'string' ? found : '';
}

/** What a caller sees of it: a DomainError where it is the database's state, the fault itself where it is ours. */
export function asDomainError(error: unknown): unknown {
  if (isDomainError(error)) return error;
  const code = codeOf(error);
  switch (troubleOf(error)) {
    case 'unavailable':
    case 'retry':
      return new DomainError(
        'database-unavailable',
        `The database does not do what it should now${code === '' ? '' : ` (${code})`}; nothing was changed. Try again in a few seconds`,
        {},
        { cause: error },
      );
    case 'unusable':
      return new DomainError(
        'database-unusable',
        `The database refuses to be used (${code}): the file is damaged, or the user of DATABASE_URL lacks the rights. ` +
          'Nothing was overwritten; restore a backup, or correct the settings',
        {},
        { cause: error },
      );
    case 'fault':
      return error;
  }
}
