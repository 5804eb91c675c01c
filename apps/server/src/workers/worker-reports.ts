import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TokenSource } from '../access/bearer-tokens';
import { addCounted } from '../observation/counted-elsewhere';
import { PredictionCounters } from '../observation/prediction-counters';
import { PredictionObserver } from '../observation/prediction-observer';
import { WorkerLink } from './worker-link';

/** Takes what the workers count into what this process tells, so that its metrics and statistics are of them all. */
@Injectable()
export class WorkerReports implements OnModuleInit {
  constructor(
    private readonly workers: WorkerLink,
    private readonly observer: PredictionObserver,
    private readonly tokens: TokenSource,
  ) {}

  onModuleInit(): void {
    const { observer, tokens } = this;
    this.workers.on('report', ({ counted, usedTokens }) => {
      if (counted !== undefined && observer instanceof PredictionCounters) addCounted(observer, counted);
      for (const id of usedTokens) tokens.recordUse(id);
    });
  }
}
