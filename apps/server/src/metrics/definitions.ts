/** What one metric is, as people who scrape it know it. */
interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

const ARM = ['deployment', 'slot', 'version'] as const;

/**
 * Every metric of our own; the table in docs/operations.md is made from it (a test compares). Base units, and labels from closed
 * sets only: names of deployments and of versions that are or were just in a slot, and words of this program. Nothing that a client
 * sends becomes a label.
 */
export const METRICS = {
  understudy_predictions_total: {
    type: 'counter',
    labels: [...ARM, 'protocol', 'outcome'],
    help: 'Predictions by what became of them: ok, refused (4xx), failed (5xx), gone (the client). Without slot and version where none was chosen.',
  },
  understudy_prediction_refusals_total: {
    type: 'counter',
    labels: ['protocol', 'code'],
    help: 'Predictions that were refused or failed, by the code of the error.',
  },
  understudy_prediction_duration_seconds: {
    type: 'histogram',
    labels: ARM,
    help: 'From the head of a prediction to its answer, whatever its outcome.',
  },
  understudy_prediction_queue_seconds: {
    type: 'histogram',
    labels: ARM,
    help: 'How long predictions waited for the runner.',
  },
  understudy_run_duration_seconds: {
    type: 'histogram',
    labels: ARM,
    help: 'How long runs of the model took. A run that requests of several arms share counts for the arm of its first request.',
  },
  understudy_run_rows: { type: 'histogram', labels: ARM, help: 'Rows in one run of the model.' },
  understudy_slot_ready: {
    type: 'gauge',
    labels: ['deployment', 'slot'],
    help: '1 while the slot holds a version that can answer now, else 0.',
  },
  understudy_slot_state: {
    type: 'gauge',
    labels: [...ARM, 'state'],
    help: '1 for the state that the runner of the version in the slot is in, 0 for the others.',
  },
  understudy_canary_probability: {
    type: 'gauge',
    labels: ['deployment'],
    help: 'The share of predictions that current answers, from 0 to 1.',
  },
  understudy_deployment_generation: {
    type: 'gauge',
    labels: ['deployment'],
    help: 'The generation that this replica has reached.',
  },
  understudy_deployment_wanted_generation: {
    type: 'gauge',
    labels: ['deployment'],
    help: 'The newest generation that this replica knows to be wanted.',
  },
  understudy_runners: { type: 'gauge', labels: ['version', 'state'], help: 'Runner processes by version and state.' },
  understudy_runner_restarts_total: {
    type: 'counter',
    labels: ['version'],
    help: 'How often runners of the version were started again after they ended by themselves or were ended for hanging.',
  },
  understudy_runner_memory_bytes: {
    type: 'gauge',
    labels: ['version'],
    help: 'Memory that only the runners of the version have.',
  },
  understudy_waiting_requests: {
    type: 'gauge',
    labels: ['version'],
    help: 'Predictions that wait for the runners of the version.',
  },
  understudy_serving_processes: {
    type: 'gauge',
    labels: [],
    help: 'Processes that take predictions now: the workers that are ready, or 1 where the server answers itself.',
  },
  understudy_draining: { type: 'gauge', labels: [], help: '1 while the server is stopping.' },
  understudy_database_up: { type: 'gauge', labels: [], help: '1 if the database answered when it was asked last.' },
  understudy_registry_up: { type: 'gauge', labels: [], help: '1 if the registry answered when it was asked last.' },
  understudy_statistics_unwritten_rows: {
    type: 'gauge',
    labels: [],
    help: 'Minutes of arms that are not in the database yet.',
  },
  understudy_statistics_lost_rows_total: {
    type: 'counter',
    labels: [],
    help: 'Minutes of arms that were given up because the database was away for too long.',
  },
  understudy_log_lines_dropped_total: {
    type: 'counter',
    labels: [],
    help: 'Log lines left out because standard output was not read fast enough.',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
