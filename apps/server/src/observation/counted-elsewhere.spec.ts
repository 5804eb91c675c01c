import type { ServedDeployments, ServedVersion } from '@understudy/model-slots';
import { Logger, ObservationSettings, SystemClock } from '@understudy/platform';
import { Arms } from './arms';
import { addCounted, CountsToHandOver } from './counted-elsewhere';
import { PredictionCounters } from './prediction-counters';

const VERSION = { identity: { uri: 'models:/iris/1' } } as ServedVersion;

interface Held {
  held: { current: ServedVersion | null; next: ServedVersion | null; previous: ServedVersion | null };
}

function process(): { readonly counters: PredictionCounters; readonly deployment: Held } {
  const deployment = { name: 'default', held: { current: VERSION, next: null, previous: null } } as Held;
  const clock = new SystemClock();
  const arms = new Arms({ all: [deployment] } as unknown as ServedDeployments, clock);
  return {
    counters: new PredictionCounters(arms, clock, Logger.silent(), new ObservationSettings(true, 0)),
    deployment,
  };
}

function predict(counters: PredictionCounters, version = VERSION): void {
  const prediction = counters.begin('predict');
  prediction.chose('default', 'current', version);
  prediction.runs?.waited(1);
  prediction.runs?.ran(2, 3);
  prediction.answered();
}

function refuse(counters: PredictionCounters): void {
  counters.begin('infer').refused('invalid-body', 400, 'request');
}

function figuresOf({ arms, withoutArm, refusals }: PredictionCounters) {
  return {
    arms: arms.all.map(({ name, outcomes, durationMs, queueMs, runMs, runRows }) => [
      name.version,
      outcomes.of('predict', 'ok'),
      ...[durationMs, queueMs, runMs, runRows].map(({ count }) => count),
      runMs.sum,
    ]),
    withoutArm: withoutArm.of('infer', 'refused'),
    refusals: Object.fromEntries(refusals.infer),
  };
}

it('adds up what several processes counted, each of it once', () => {
  const teller = process().counters;
  predict(teller);
  for (const { counters } of [process(), process()]) {
    const toHandOver = new CountsToHandOver(counters);
    for (let round = 0; round < 3; round++) {
      predict(counters);
      refuse(counters);
      addCounted(teller, structuredClone(toHandOver.take()!));
    }
    expect(toHandOver.take()).toBeUndefined();
  }
  expect(figuresOf(teller)).toEqual({
    arms: [['models:/iris/1', 7, 7, 7, 7, 7, 21]],
    withoutArm: 6,
    refusals: { 'invalid-body': 6 },
  });
});

it('hands over what an arm counted that was forgotten meanwhile', () => {
  const { counters, deployment } = process();
  const toHandOver = new CountsToHandOver(counters);
  // In a series of swaps more versions leave the slot than are kept.
  for (let version = 1; version <= 20; version++) {
    const next = { identity: { uri: `models:/iris/${version}` } } as ServedVersion;
    deployment.held = { current: next, next: null, previous: null };
    predict(counters, next);
  }
  const { arms } = toHandOver.take()!;
  expect(arms.map(({ name }) => name.version).sort()).toEqual(
    Array.from({ length: 20 }, (_, index) => `models:/iris/${index + 1}`).sort(),
  );
});
