import { randomUUID } from 'node:crypto';
import { type Clock, DomainError, isDomainError, messageOf } from '@understudy/platform';
import type { LoadNews } from '@understudy/model-slots';

export type ChangeState = 'running' | 'done' | 'failed' | 'cancelled';

export type ChangeStepName = NonNullable<LoadNews['step']> | 'decide' | 'wait-for-replicas' | 'record';

export interface ChangeStep {
  readonly step: ChangeStepName;
  readonly startedAt: Date;
  /** Null while it is under way. */
  readonly ms: number | null;
}

/** A change under way, for whoever follows it. */
export class TrackedChange {
  readonly id = randomUUID();
  /** Resolves once it may be made as far as can be known at once, and has begun; or has ended. */
  readonly begun: Promise<void>;
  readonly startedAt: Date;
  bytes = 0;
  totalBytes: number | null = null;
  generation: number | null = null;
  private outcome: ChangeState = 'running';
  private finished: Date | null = null;
  private why: { readonly code: string; readonly detail: string } | null = null;
  private readonly done: { readonly step: ChangeStepName; readonly startedAt: Date; readonly ms: number }[] = [];
  private at: { readonly step: ChangeStepName; readonly startedAt: Date; readonly fromMs: number };
  private readonly cancellation = new AbortController();
  private recording = false;
  private begin: () => void = () => undefined;

  constructor(
    readonly deployment: string,
    readonly action: string,
    readonly modelUri: string | null,
    private readonly clock: Clock,
    /** Told at each step, after bytes came, and at the end. */
    private readonly onNews: () => void = () => undefined,
  ) {
    this.startedAt = clock.now();
    this.at = { step: 'decide', startedAt: this.startedAt, fromMs: clock.monotonicMs() };
    this.begun = new Promise((resolve) => {
      this.begin = resolve;
    });
  }

  get state(): ChangeState {
    return this.outcome;
  }

  get finishedAt(): Date | null {
    return this.finished;
  }

  get problem(): { readonly code: string; readonly detail: string } | null {
    return this.why;
  }

  /** What went wrong, and when; null while nothing did, and where somebody wanted it to end. */
  get failure(): { readonly code: string; readonly detail: string; readonly at: Date } | null {
    return this.why === null || this.outcome !== 'failed' ? null : { ...this.why, at: this.finished ?? this.startedAt };
  }

  get step(): ChangeStepName {
    return this.at.step;
  }

  get steps(): readonly ChangeStep[] {
    const { step, startedAt } = this.at;
    return this.outcome === 'running' ? [...this.done, { step, startedAt, ms: null }] : [...this.done];
  }

  /** Aborted when it is cancelled. */
  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  report({ step, bytes, totalBytes }: Omit<LoadNews, 'step'> & { readonly step?: ChangeStepName }): void {
    if (this.outcome !== 'running') return;
    if (bytes !== undefined) this.bytes = bytes;
    if (totalBytes !== undefined) this.totalBytes = totalBytes;
    if (step !== undefined && step !== this.at.step) this.enter(step);
    this.onNews();
  }

  /** From here on it is made durable, which cannot be taken back. Throws DomainError `change-cancelled` where it was cancelled. */
  beginRecording(): void {
    this.signal.throwIfAborted();
    this.recording = true;
    this.report({ step: 'record' });
  }

  /** Throws DomainError `change-conflict` where it is too late. */
  cancel(byWhom: string): void {
    if (this.outcome !== 'running' || this.recording) {
      const how = this.outcome === 'running' ? 'is being made durable' : `is ${this.outcome} already`;
      throw new DomainError('change-conflict', `The change ${how}; it can no longer be cancelled`);
    }
    this.cancellation.abort(
      new DomainError('change-cancelled', `The change was cancelled ${byWhom}; nothing was changed`),
    );
  }

  succeed(generation: number | null): void {
    this.generation = generation;
    this.end('done');
  }

  fail(error: unknown): void {
    this.why = isDomainError(error)
      ? { code: error.code, detail: messageOf(error) }
      : { code: 'internal-error', detail: 'The server could not make the change; its log says more' };
    this.end(isDomainError(error, 'change-cancelled') ? 'cancelled' : 'failed');
  }

  private enter(step: ChangeStepName): void {
    this.closeStep();
    this.at = { step, startedAt: this.clock.now(), fromMs: this.clock.monotonicMs() };
    this.begin();
  }

  private closeStep(): void {
    const { step, startedAt, fromMs } = this.at;
    this.done.push({ step, startedAt, ms: Math.round(this.clock.monotonicMs() - fromMs) });
  }

  private end(outcome: ChangeState): void {
    if (this.outcome !== 'running') return;
    this.closeStep();
    this.outcome = outcome;
    this.finished = this.clock.now();
    this.begin();
    this.onNews();
  }
}
