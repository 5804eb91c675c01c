import { DomainError } from '@understudy/platform';
import { keyOwner } from '@understudy/store';
import type { ChangeOptions } from '../change-request';

interface Entry<Started> {
  readonly request: string;
  readonly started: Started;
}

/** Keys whose changes ended are remembered this many at a time; the store remembers them all, but may be away. */
const REMEMBERED = 1_000;

/** Changes by their Idempotency-Key: a retry joins the first try. */
export class UnderWay<Started extends { readonly outcome: Promise<unknown> }> {
  private readonly byKey = new Map<string, Entry<Started>>();

  /** Throws DomainError `idempotency-key-reused` where the key came with another request. */
  join({ origin, idempotencyKey }: ChangeOptions, start: () => Started): Started {
    if (idempotencyKey === undefined) return start();
    const key = `${keyOwner(origin)}\n${idempotencyKey.key}`;
    const known = this.byKey.get(key);
    if (known?.request === idempotencyKey.request) return known.started;
    if (known !== undefined) {
      throw new DomainError(
        'idempotency-key-reused',
        'This Idempotency-Key came before with another request. Use a fresh key for each change',
      );
    }
    const started = start();
    this.byKey.set(key, { request: idempotencyKey.request, started });
    // What came to nothing may be tried again with the same key.
    started.outcome.catch(() => this.byKey.delete(key));
    for (const oldest of this.byKey.keys()) {
      if (this.byKey.size <= REMEMBERED) break;
      this.byKey.delete(oldest);
    }
    return started;
  }
}
