import { ModelFolder } from '../support/model-folder';
import { countingModel } from '../support/onnx/misbehaving-models';
import { identityModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** Next loses its share by itself where a guard is set, and only then. */

const CURRENT = 'models:/m/1';
const NEXT = 'models:/m/2';
/** The model in next takes some tenths of a second for it. */
const SLOW = [[50_000]];
const QUICK = [[1]];

let models: ModelFolder;
let server: RunningServer;

beforeEach(async () => {
  models = new ModelFolder();
  models.publish('m', 1, identityModel('FP32', [-1, 1]));
  models.publish('m', 2, countingModel());
  server = await RunningServer.start({
    settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_MODEL_URI: CURRENT },
  });
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

const want = async (settings: object, canaryProbability = 0.5) =>
  server.http.put('/deployments/default').send({ current: CURRENT, next: NEXT, canaryProbability, settings });

const share = async (): Promise<number> =>
  ((await server.http.get('/deployments/default')).body as { wanted: { canaryProbability: number } }).wanted
    .canaryProbability;

const events = async () =>
  (
    (await server.http.get('/deployments/default/events')).body as {
      events: { action: string; origin: { actor: string; reason: string | null } }[];
    }
  ).events;

async function askNext(data: number[][], times: number): Promise<void> {
  for (let time = 0; time < times; time++)
    expect(await server.predict(data, { 'X-Model-Slot': 'next' })).toMatchObject({ status: 200 });
}

it('[case 101] takes the share away from a next that became slow, and says why in the audit trail', async () => {
  expect((await want({ guard: { maxErrorShare: 0.1, slowMs: 20 } })).status).toBe(200);
  // The guard has seen this generation before the requests come.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await askNext(SLOW, 12);
  await server.until(async () => (await share()) === 1);
  const [last] = await events();
  expect(last).toMatchObject({ action: 'set-split', origin: { actor: 'guard' } });
  expect(last?.origin.reason).toMatch(
    /^\d+ of the last \d+ requests to next failed or took longer than 20 ms; the guard allows 10 %$/,
  );
  // Next stays in its slot, to be looked at, and current answers everything.
  expect((await server.http.get('/status')).body).toMatchObject({ next: { uri: NEXT } });
  for (let time = 0; time < 20; time++)
    expect((await server.predict(QUICK)).body).toMatchObject({ model_used: 'current' });
  // Whoever gives it a share again is not undone for what was before.
  expect((await server.change('/set-canary-probability', { probability: 0.9 })).status).toBe(200);
  await askNext(QUICK, 5);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await share()).toBe(0.9);
});

it('lets a good next alone, and any next where no guard is set', async () => {
  await want({ guard: { maxErrorShare: 0.1, slowMs: 10_000 } });
  await askNext(SLOW, 12);
  await want({});
  await askNext(SLOW, 12);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await share()).toBe(0.5);
});

it.each([
  [{}, 'settings.guard.maxErrorShare: expected a number from 0 up to but not including 1'],
  [{ maxErrorShare: 1 }, 'settings.guard.maxErrorShare: expected less than 1: nothing is above 1'],
  [{ maxErrorShare: 0.1, slowMs: 0 }, 'settings.guard.slowMs: expected at least 1'],
  [{ maxErrorShare: 0.1, slow: 5 }, 'settings.guard: slow is not known here; the settings are maxErrorShare, slowMs'],
  ['on', 'settings.guard: expected an object with maxErrorShare'],
])('refuses %j as a guard', async (guard, detail) => {
  const { status, body } = await want({ guard });
  expect([status, (body as { detail: string }).detail]).toEqual([400, detail]);
});
