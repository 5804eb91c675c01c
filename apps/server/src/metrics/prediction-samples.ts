import { type Arm, OUTCOMES, PROTOCOLS } from '../observation/arm';
import { ROW_BOUNDS, SHOWN_BOUNDS_MS } from '../observation/bounds';
import type { Histogram } from '../observation/histogram';
import type { PredictionCounters } from '../observation/prediction-counters';
import type { Readers, Sample } from './metrics-registry';

const ROWS = [...ROW_BOUNDS];
const MS_PER_SECOND = 1000;

/** What the predictions did; nothing where they are not counted. */
export function predictionSamples(
  counters: PredictionCounters | undefined,
): Pick<
  Readers,
  | 'understudy_predictions_total'
  | 'understudy_prediction_refusals_total'
  | 'understudy_prediction_duration_seconds'
  | 'understudy_prediction_queue_seconds'
  | 'understudy_run_duration_seconds'
  | 'understudy_run_rows'
> {
  const perArm = (read: (arm: Arm) => Sample) => () => counters?.arms.all.map(read) ?? [];
  const times = (of: (arm: Arm) => Histogram) =>
    perArm((arm) => ({
      labels: labelsOf(arm),
      histogram: of(arm),
      bounds: SHOWN_BOUNDS_MS,
      divisor: MS_PER_SECOND,
    }));
  return {
    understudy_predictions_total: () => (counters === undefined ? [] : predictionsTotal(counters)),
    understudy_prediction_refusals_total: () => (counters === undefined ? [] : refusalsTotal(counters)),
    understudy_prediction_duration_seconds: times(({ durationMs }) => durationMs),
    understudy_prediction_queue_seconds: times(({ queueMs }) => queueMs),
    understudy_run_duration_seconds: times(({ runMs }) => runMs),
    understudy_run_rows: perArm((arm) => ({
      labels: labelsOf(arm),
      histogram: arm.runRows,
      bounds: ROWS,
      divisor: 1,
    })),
  };
}

const labelsOf = ({ name: { deployment, slot, version } }: Arm): Record<string, string> => ({
  deployment,
  slot,
  version,
});

const NO_ARM = { deployment: '', slot: '', version: '' };

function* predictionsTotal({ arms, withoutArm }: PredictionCounters): Generator<Sample> {
  const all = [...arms.all.map((arm) => ({ labels: labelsOf(arm), counts: arm.outcomes }))];
  for (const { labels, counts } of [...all, { labels: NO_ARM, counts: withoutArm }])
    for (const protocol of PROTOCOLS)
      for (const outcome of OUTCOMES) {
        const value = counts.of(protocol, outcome);
        // An arm shows from its first moment that nothing failed; protocols that nobody uses are left out.
        if (value > 0 || (labels !== NO_ARM && outcome !== 'gone' && counts.of(protocol, 'ok') > 0))
          yield { labels: { ...labels, protocol, outcome }, value };
      }
}

function* refusalsTotal({ refusals }: PredictionCounters): Generator<Sample> {
  for (const protocol of PROTOCOLS)
    for (const [code, value] of refusals[protocol]) yield { labels: { protocol, code }, value };
}
