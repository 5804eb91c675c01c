import { batchMeanModel, type Company, identityModel, rowSumModel, sociableModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/** Requests that come at once share a run only where that was proven to change nothing. */

let models: ModelFolder;
let server: RunningServer | undefined;

beforeEach(() => {
  models = new ModelFolder();
});

afterEach(async () => {
  await server?.stop();
  models.remove();
});

async function serve(model: Uint8Array): Promise<RunningServer> {
  models.publish('tracking-quickstart', 1, model);
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
  return server;
}

/** Asks for every row at once, each in a request of its own. */
const askAtOnce = async (running: RunningServer, rows: readonly (readonly number[])[]) =>
  Promise.all(rows.map(async (row) => ((await running.predict([row])).body as { predictions: unknown[] }).predictions));

const ROWS = Array.from({ length: 40 }, (_, index) => [index, 2 * index]);

it('a model whose rows do not meet: requests share runs, and each gets its own answer', async () => {
  const running = await serve(rowSumModel(2));
  expect((await running.status()).current?.batching.batched).toBe(true);
  expect(await askAtOnce(running, ROWS)).toEqual(ROWS.map(([a, b]) => [a! + b!]));
});

it('a model that takes the mean over the batch: is found out at load, runs each request alone, and says why', async () => {
  const running = await serve(batchMeanModel());
  const { batching } = (await running.status()).current!;
  expect(batching.batched).toBe(false);
  expect(batching.because).toMatch(/row/);
  // A row minus the mean over itself alone.
  expect(await askAtOnce(running, ROWS)).toEqual(ROWS.map(() => [[0, 0]]));
});

it.each<[Company, RegExp]>([
  ['its position', /differs by a factor of|differs altogether/],
  ['the rows before it', /differs/],
  ['how many there are', /differs/],
  ['being among more than 20', /differs .* \((32|64) rows\)$/],
  ['the largest of all', /differs/],
  ['the order', /differs/],
])(
  'a model whose rows come out by %s: is found out at load, and no request meets another',
  async (company, because) => {
    const running = await serve(sociableModel(company));
    const { batching } = (await running.status()).current!;
    expect(batching).toMatchObject({ batched: false, because: expect.stringMatching(because) as string });
    expect(await askAtOnce(running, ROWS)).toEqual(ROWS.map((row) => [row]));
  },
);

it('requests whose rows have different shapes never share a run, though the model would let them', async () => {
  const running = await serve(identityModel('FP32', [-1, -1]));
  expect((await running.status()).current?.batching.batched).toBe(true);
  const rows = Array.from({ length: 40 }, (_, index) => Array.from({ length: 1 + (index % 4) }, (_, at) => index + at));
  expect(await askAtOnce(running, rows)).toEqual(rows.map((row) => (row.length === 1 ? row : [row])));
});
