import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyModel } from '../test/support/onnx/models';
import { type Load, outputOf } from './load';
import { spelling } from './loads';
import type { RunningPeer } from './peer';
import { startUnderstudy } from './peers';
import { BenchRegistry } from './registry';
import { removeFolder, scratchFolder } from './scratch';

/** One row to a model that takes a while; requests do not share its runs. */
export const BUSY = {
  body: JSON.stringify({ data: [[1, 2, 3, 4]] }),
  headers: { 'Content-Type': 'application/json' },
  predictions: [10],
} as const;

const THREADS = 1;

const TRIED_PRODUCTS = 8;
const SIZING_SECONDS = 1;

/** A model whose run takes about so many milliseconds on this machine just now. */
export async function modelThatTakes(ms: number, root: string): Promise<Uint8Array> {
  const tried = await runsPerSecond(root, busyModel(TRIED_PRODUCTS), SIZING_SECONDS);
  const msPerProduct = 1000 / tried / TRIED_PRODUCTS;
  return busyModel(Math.max(1, Math.round(ms / msPerProduct)));
}

/** What the model does in a bare loop, with as many threads as the runner has. Throws where it answers wrong. */
export async function runsPerSecond(root: string, model: Uint8Array, seconds: number): Promise<number> {
  const folder = scratchFolder('bare-loop');
  try {
    const file = join(folder, 'model.onnx');
    writeFileSync(file, model);
    const program = join(root, 'bench', 'peers', 'bare-loop.mjs');
    const args = [program, file, String(seconds), String(THREADS)];
    const output = await outputOf(process.execPath, args, { ORT_DISABLE_TELEMETRY: '1' });
    const { runsPerSecond: rate, answer } = JSON.parse(output) as { runsPerSecond: number; answer: number[] };
    if (JSON.stringify(answer) !== JSON.stringify(BUSY.predictions))
      throw new Error(
        `the bare loop answered ${JSON.stringify(answer)} instead of ${JSON.stringify(BUSY.predictions)}`,
      );
    return rate;
  } finally {
    removeFolder(folder);
  }
}

/** Our server with this model, whose runner has as many threads as the bare loop. */
export async function serveBusyModel(root: string, model: Uint8Array): Promise<RunningPeer> {
  const registry = new BenchRegistry();
  const server = await startUnderstudy(
    { root },
    {
      UNDERSTUDY_REGISTRY_DIR: registry.path,
      UNDERSTUDY_MODEL_URI: registry.publish('busy', 1, model),
      UNDERSTUDY_RUNNER_THREADS: String(THREADS),
    },
  );
  return {
    ...server,
    stop: async () => {
      await server.stop();
      registry.remove();
    },
  };
}

/** Asks once, throws where the answer is wrong, and returns the load whose answers are compared with that one. */
export async function busyLoad(url: string, connections: number): Promise<Load> {
  const { body, headers } = BUSY;
  const answer = await fetch(url, { method: 'POST', body, headers });
  const expects = spelling(await answer.text(), BUSY.predictions);
  return { name: 'one row to a model that takes a while', connections, body, headers, expects };
}
