import { Injectable } from '@nestjs/common';
import { Attempts } from '@understudy/control';
import { isDomainError } from '@understudy/platform';
import type { Request } from 'express';
import { whyRefused } from '../access/access-rule';
import { Gate } from '../access/gate';
import { refusedOriginOf } from '../access/origin';
import { attemptOf } from '../audit/attempt-of';

/** Records attempts at a change by those who may make it that were refused before they got to it: a body that cannot be read. */
@Injectable()
export class RefusedAttempts {
  constructor(
    private readonly attempts: Attempts,
    private readonly gate: Gate,
  ) {}

  /** Returns once it is recorded, or at once where the request asked for no change. Never rejects. */
  async record(request: Request, error: unknown): Promise<void> {
    const attempt = isDomainError(error, 'host-not-allowed') ? undefined : attemptOf(request);
    if (attempt === undefined) return;
    const { action, subject, needed } = attempt;
    // Who may not make the change is recorded by the guard, within bounds: anybody who reaches the port can be refused any number of times.
    if (whyRefused(needed, this.gate.identify(request)) !== undefined) return;
    // The store has recorded that it does not know an id; what is no id never gets there.
    if (isDomainError(error, 'token-not-found') && subject !== 'token') return;
    await this.attempts.refused({ action, subject, origin: refusedOriginOf(request) }, error);
  }
}
