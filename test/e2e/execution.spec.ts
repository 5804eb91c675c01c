import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mlModelText, ModelFolder } from '../support/model-folder';
import { buildModel, rawBytes } from '../support/onnx/build-model';
import { constantModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** How the runtime runs a model: threads, hardware, and graphs that are kept so that the next load is faster. */

const NAME = 'tracking-quickstart';

let models: ModelFolder;
let server: RunningServer | undefined;

beforeEach(() => {
  models = new ModelFolder();
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  models.remove();
});

const start = async (settings: Readonly<Record<string, string>> = {}, waitUntilReady = true) => {
  server = await RunningServer.start({
    settings: { UNDERSTUDY_REGISTRY_DIR: models.path, ...settings },
    waitUntilReady,
  });
  return server;
};

const executionOf = async (running: RunningServer) =>
  ((await running.status()).current as unknown as { readonly execution: Record<string, unknown> }).execution;

/** Adds a small number 1,200 times: enough nodes that its graph is kept. `more` makes another model of it. */
function longModel(more: number): Uint8Array {
  const steps = Array.from({ length: 1200 }, (_, step) => step);
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'Y1200', type: 'FP32', shape: [-1, 2] }],
    initializers: [{ name: 'more', type: 'FP32', shape: [1], data: rawBytes(new Float32Array([more])) }],
    nodes: [
      { op: 'Abs', inputs: ['X'], outputs: ['Y0'] },
      ...steps.map((step) => ({ op: 'Add', inputs: [`Y${step}`, 'more'], outputs: [`Y${step + 1}`] })),
    ],
  });
}

const SIDE = 4200;
/** A matrix of 70 MB in a file of its own that doubles each element; out comes the sum of a row. */
function wideModel(): { readonly model: Uint8Array; readonly weights: Uint8Array } {
  const diagonal = new Float32Array(SIDE * SIDE);
  for (let at = 0; at < SIDE; at++) diagonal[at * SIDE + at] = 2;
  const weights = rawBytes(diagonal);
  const location = { location: 'weights.bin', offset: '0', length: String(weights.length) };
  const model = buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, SIDE] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1] }],
    initializers: [
      { name: 'W', type: 'FP32', shape: [SIDE, SIDE], data: { external: location } },
      { name: 'axes', type: 'INT64', shape: [1], data: rawBytes(new BigInt64Array([1n])) },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['X', 'W'], outputs: ['wide'] },
      { op: 'ReduceSum', inputs: ['wide', 'axes'], outputs: ['Y'], attributes: { keepdims: 0 } },
    ],
  });
  return { model, weights };
}

const keptIn = (running: RunningServer): string[] => {
  const folder = join(running.dataFolder, 'optimized-graphs');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
};

/** Lets the runner of current start again, which loads the model again. */
async function loadAgain(running: RunningServer): Promise<void> {
  const before = (await running.status()).current!.runner;
  process.kill(before.pid, 'SIGKILL');
  await running.until(async () => {
    const { runner } = (await running.status()).current!;
    return runner.state === 'ready' && runner.restarts > before.restarts;
  });
}

describe('the graph of a large model', () => {
  it('is kept by the first load and used by the second, with the same answers', async () => {
    models.publish(NAME, 1, longModel(0.5));
    const running = await start();
    const answer = (await running.predict([[1, -2]])).body as { predictions: number[][] };
    expect(answer.predictions).toEqual([[601, 602]]);
    expect(await executionOf(running)).toMatchObject({ graph: 'optimised-and-kept', optimization: 'all' });
    expect(keptIn(running)).toHaveLength(1);

    await loadAgain(running);
    expect(await executionOf(running)).toMatchObject({ graph: 'kept' });
    expect((await running.predict([[1, -2]])).body).toEqual(answer);
    expect(keptIn(running)).toHaveLength(1);
  });

  it('is kept with its weights, which were in a file of their own', async () => {
    const { model, weights } = wideModel();
    const MLmodel = mlModelText({ onnx: { data: 'model.onnx' } });
    models.publish(NAME, 1, { MLmodel, 'model.onnx': model, 'weights.bin': weights });
    const running = await start();
    const row = Array.from({ length: SIDE }, (_, at) => at % 3);
    const answer = (await running.predict([row])).body as { predictions: number[] };
    expect(answer.predictions).toEqual([2 * row.reduce((sum, value) => sum + value)]);
    expect(await executionOf(running)).toMatchObject({ graph: 'optimised-and-kept' });
    const [kept] = keptIn(running) as [string];
    expect(statSync(join(kept, 'weights.bin')).size).toBeGreaterThan(weights.length / 2);

    await loadAgain(running);
    expect(await executionOf(running)).toMatchObject({ graph: 'kept' });
    expect((await running.predict([row])).body).toEqual(answer);
  });

  it.each<[string, (folder: string) => void]>([
    [
      'damaged',
      (folder) => {
        writeFileSync(join(folder, 'model.onnx'), 'no model');
      },
    ],
    [
      'cut off',
      (folder) => {
        truncateSync(join(folder, 'model.onnx'), 100);
      },
    ],
  ])('[case 115] is made again from the model when it was %s', async (_, spoil) => {
    models.publish(NAME, 1, longModel(0.25));
    const running = await start();
    const [kept] = keptIn(running) as [string];
    spoil(kept);
    await loadAgain(running);
    expect(await executionOf(running)).toMatchObject({ graph: 'optimised-and-kept' });
    expect((await running.predict([[0, 1]])).body).toMatchObject({ predictions: [[300, 301]] });
  });

  it('is never taken from the registry, whatever lies beside the model there', async () => {
    const onnx = { data: 'model.onnx' };
    models.publish(NAME, 1, {
      MLmodel: mlModelText({ onnx }),
      'model.onnx': longModel(0.5),
      'weights.bin': 'x',
      'manifest.json': '[]',
    });
    const running = await start();
    expect(await executionOf(running)).toMatchObject({ graph: 'optimised-and-kept' });
  });

  it('is not kept where the settings say so, nor where the place cannot be written', async () => {
    models.publish(NAME, 1, longModel(0.5));
    const running = await start({ UNDERSTUDY_MAX_OPTIMIZED_GRAPH_BYTES: '0' });
    expect(await executionOf(running)).toMatchObject({ graph: 'optimised' });
    expect(keptIn(running)).toEqual([]);
    writeFileSync(join(running.dataFolder, 'optimized-graphs'), 'in the way');
    await loadAgain(running);
    expect((await running.predict([[1, 1]])).body).toMatchObject({ predictions: [[601, 601]] });
  });
});

describe('the threads and the optimisation of a version', () => {
  it('are those it was logged with, and the setting of the server before them', async () => {
    const options = { graph_optimization_level: 1, intra_op_num_threads: 1 };
    models.publish(NAME, 1, {
      MLmodel: mlModelText({ onnx: { data: 'model.onnx', onnx_session_options: options } }),
      'model.onnx': constantModel(1),
    });
    const running = await start({ UNDERSTUDY_RUNNER_THREADS: '2' });
    const threads = (await executionOf(running))['threads'];
    expect(await executionOf(running)).toMatchObject({ optimization: 'basic', provider: 'cpu', graph: 'optimised' });
    expect([1, 2]).toContain(threads);
    expect((await running.predict([[1, 2, 3, 4]])).body).toMatchObject({ predictions: [1] });
  });
});

describe('hardware that is not there', () => {
  it.each([
    ['coreml', /^The execution provider "coreml" is not in the runtime for \w+ \w+, which has: cpu/, 'darwin'],
    ['dml', /^The execution provider "dml" is not in the runtime for \w+ \w+, which has: cpu/, 'win32'],
    ['cuda', /^The execution provider "cuda" (cannot be started|is not in the runtime)/, 'nowhere'],
  ])('refuses every version when it is %s, and says what there is', async (provider, problem, platform) => {
    if (process.platform === platform) return;
    const model_uri = models.publish('candidate', 1, constantModel(1));
    const running = await start({ UNDERSTUDY_EXECUTION_PROVIDER: provider }, false);
    let answer = await running.change('/update-model', { model_uri });
    // While the server looks for its first version, which is not there, it loads no other.
    await running.until(async () => {
      if (answer.status === 409) answer = await running.change('/update-model', { model_uri });
      return answer.status !== 409;
    });
    expect(answer.body).toMatchObject({ status: 422, code: 'model-load-failed' });
    const { detail } = answer.body as { detail: string };
    expect(detail.replace(/^.*?\(step start\): /, '')).toMatch(problem);
    expect(detail).toContain('UNDERSTUDY_EXECUTION_PROVIDER');
    expect(detail).not.toContain('node_modules');
  });
});
