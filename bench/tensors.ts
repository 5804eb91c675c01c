import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { meanModel } from '../test/support/onnx/models';
import { type Load, measure, type Measured } from './load';
import { type RunningPeer, startProcess } from './peer';
import { startUnderstudy } from './peers';

/** An image of 3 x 224 x 224 floats, 602,112 bytes, to a model that answers its mean. */
export interface TensorRow {
  readonly name: string;
  readonly round: number;
  readonly measured: Measured;
}

const SHAPE = [1, 3, 224, 224];
const ELEMENTS = 3 * 224 * 224;
const CONNECTIONS = 4;
const PATH = '/v2/models/default/infer';

export async function measureTensors(root: string, rounds: number, seconds: number): Promise<TensorRow[]> {
  const registry = mkdtempSync(join(tmpdir(), 'bench-image-'));
  mkdirSync(join(registry, 'image', '1'), { recursive: true });
  writeFileSync(join(registry, 'image', '1', 'model.onnx'), meanModel(SHAPE.slice(1)));
  const rows: TensorRow[] = [];
  const peers: readonly [string, Load, () => Promise<RunningPeer>][] = [
    ['a server that reads the body', binary(), () => startReader(root)],
    ['Understudy, /v2 with binary data', binary(), () => startServer(root, registry)],
    ['Understudy, /v2 with JSON', json(), () => startServer(root, registry)],
  ];
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [name, load, start] of peers) {
        const peer = await start();
        try {
          if (name.startsWith('Understudy')) await check(peer.url, load);
          await measure(`${peer.url}${PATH}`, load, 1);
          rows.push({ name, round, measured: await measure(`${peer.url}${PATH}`, load, seconds) });
        } finally {
          await peer.stop();
        }
      }
    }
  } finally {
    rmSync(registry, { recursive: true, force: true });
  }
  return rows;
}

const startReader = async (root: string): Promise<RunningPeer> =>
  startProcess({
    command: process.execPath,
    args: (port) => [join(root, 'bench', 'peers', 'read-body.mjs'), String(port)],
    readyPath: '/',
  });

const startServer = async (root: string, registry: string): Promise<RunningPeer> =>
  startUnderstudy({ root }, { UNDERSTUDY_REGISTRY_DIR: registry, UNDERSTUDY_MODEL_URI: 'models:/image/1' });

/** Every element 0.5, so that the mean is exact. */
const elements = (): Float32Array => new Float32Array(ELEMENTS).fill(0.5);

function binary(): Load {
  const bytes = Buffer.from(elements().buffer);
  const input = { name: 'X', datatype: 'FP32', shape: SHAPE, parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [input] }));
  return {
    name: 'binary',
    connections: CONNECTIONS,
    body: Buffer.concat([head, bytes]).toString('latin1'),
    headers: {
      'Content-Type': 'application/octet-stream',
      'Inference-Header-Content-Length': String(head.length),
    },
  };
}

function json(): Load {
  const input = { name: 'X', datatype: 'FP32', shape: SHAPE, data: [...elements()] };
  return {
    name: 'JSON',
    connections: CONNECTIONS,
    body: JSON.stringify({ inputs: [input] }),
    headers: { 'Content-Type': 'application/json' },
  };
}

async function check(url: string, { body, headers }: Load): Promise<void> {
  const answer = await fetch(`${url}${PATH}`, { method: 'POST', body: Buffer.from(body, 'latin1'), headers });
  const { outputs } = (await answer.json()) as { outputs?: { data?: number[] }[] };
  if (outputs?.[0]?.data?.[0] !== 0.5) throw new Error(`answered ${JSON.stringify(outputs)} instead of the mean, 0.5`);
}
