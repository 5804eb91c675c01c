import { Injectable } from '@nestjs/common';
import { ManagedDeployments } from '@understudy/control';
import { Deployments } from '@understudy/model-slots';
import { Logger } from '@understudy/platform';
import { Dependencies } from '../health/dependencies';
import { Drain } from '../http/drain';
import { PredictionCounters } from '../observation/prediction-counters';
import { PredictionObserver } from '../observation/prediction-observer';
import { ArmStatisticsRecorder } from '../statistics/arm-statistics-recorder';
import { NoWorkers, WorkerLink } from '../workers/worker-link';
import { MetricsRegistry, type Sample } from './metrics-registry';
import { predictionSamples } from './prediction-samples';
import { slotSamples } from './slot-samples';

const one = (value: number | boolean): readonly Sample[] => [{ labels: {}, value: Number(value) }];

/** How long a scrape waits for the database and the registry to answer; longer shows what they did before. */
const PATIENCE_MS = 250;

/** Joins what there is to tell with the names under which it is told. */
@Injectable()
export class Metrics {
  private readonly registry: MetricsRegistry;

  constructor(
    observer: PredictionObserver,
    deployments: Deployments,
    managed: ManagedDeployments,
    recorder: ArmStatisticsRecorder,
    private readonly dependencies: Dependencies,
    drain: Drain,
    workers: WorkerLink,
    logger: Logger,
  ) {
    this.registry = new MetricsRegistry({
      ...predictionSamples(observer instanceof PredictionCounters ? observer : undefined),
      ...slotSamples(deployments, managed),
      understudy_serving_processes: () => one(servingProcesses(workers)),
      understudy_draining: () => one(drain.isDraining),
      understudy_database_up: () => one(dependencies.database.peek().ok),
      understudy_registry_up: () => one(dependencies.registry.peek().ok),
      understudy_statistics_unwritten_rows: () => one(recorder.unwrittenRows),
      understudy_statistics_lost_rows_total: () => one(recorder.lostRows),
      understudy_log_lines_dropped_total: () => one(logger.droppedLines),
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything as it is now, in Prometheus's text format. */
  async text(): Promise<string> {
    const { database, registry } = this.dependencies;
    await Promise.all([database.ask(PATIENCE_MS), registry.ask(PATIENCE_MS)]);
    return this.registry.text();
  }
}

function servingProcesses(workers: WorkerLink): number {
  return workers instanceof NoWorkers ? 1 : workers.workers.filter(({ ready }) => ready).length;
}
