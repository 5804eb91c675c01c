import { meanModel } from '../../test/support/onnx/models';
import { againstGoal } from '../goals';
import { inTurn, MEASURED_IN_TURN, pieceSeconds, together } from '../in-turn';
import { type Load, measure, type Measured } from '../load';
import type { Part } from '../part';
import { type RunningPeer, startProcess } from '../peer';
import { nodeProgram, startUnderstudy } from '../peers';
import { BenchRegistry } from '../registry';
import { ratios, type Row, table } from '../table';

const SHAPE = [1, 3, 224, 224];
const ELEMENTS = 3 * 224 * 224;
const BYTES = 4 * ELEMENTS;
const CONNECTIONS = 4;
/** V8 compiles what was called some ten thousand times, and of these requests there are one or two thousand a second. */
const WARM_UP_SECONDS = 4;
const PATH = '/v2/models/default/infer';

/** An image of 3 x 224 x 224 floats to a model that answers its mean. */
export const tensors: Part = {
  name: 'tensors',
  about: 'an image of 600 KB, in JSON and in binary',
  async measure({ root, rounds, seconds, say }) {
    const registry = new BenchRegistry();
    const modelUri = registry.publish('image', 1, meanModel(SHAPE.slice(1)));
    const ours = async (): Promise<RunningPeer> =>
      startUnderstudy({ root }, { UNDERSTUDY_REGISTRY_DIR: registry.path, UNDERSTUDY_MODEL_URI: modelUri });
    const rows: Row[] = [];
    const running: RunningPeer[] = [];
    const started = async (start: () => Promise<RunningPeer>): Promise<string> => {
      const server = await start();
      running.push(server);
      return `${server.url}${PATH}`;
    };
    try {
      const reader = await started(async () => startReader(root));
      // What one form of request leaves behind in a process is no matter of the other.
      const [forBinary, forJson] = [await started(ours), await started(ours)];
      await check(forBinary, binary(MEAN));
      await check(forJson, json());
      await measure(reader, toReader(), WARM_UP_SECONDS);
      await measure(forBinary, binary(MEAN), WARM_UP_SECONDS);
      await measure(forJson, json(), WARM_UP_SECONDS);
      const long = pieceSeconds(seconds);
      for (let round = 1; round <= rounds; round++) {
        const [read, answered] = await inTurn(
          async () => measure(reader, toReader(), long),
          async () => measure(forBinary, binary(MEAN), long),
        );
        const measured: readonly (readonly [string, Measured])[] = [
          [READER, together(read)],
          [BINARY, together(answered)],
          ['Understudy, /v2 with JSON', await measure(forJson, json(), seconds)],
        ];
        for (const [name, one] of measured) {
          say(`round ${round}, ${name}: ${Math.round(one.requestsPerSecond)}/s`);
          rows.push({ name, asked: 'v2', round, measured: one });
        }
      }
    } finally {
      await Promise.all(running.map(async (server) => server.stop()));
      registry.remove();
    }
    return describe(rows);
  },
};

const READER = 'a server that reads the body';
const BINARY = 'Understudy, /v2 with binary data';
/** Every element is 0.5, so that the mean is exact. */
const MEAN = '[0.5]';

function describe(rows: readonly Row[]) {
  const values = ratios(rows, BINARY, READER) ?? [];
  return {
    lines: [
      `## An image of ${BYTES.toLocaleString('en')} bytes, ${CONNECTIONS} connections`,
      '',
      `The reader and binary data were ${MEASURED_IN_TURN}`,
      '',
      ...table(rows),
      againstGoal('binary-tensor', values),
      '',
    ],
    figures: { 'binary-tensor': values },
  };
}

const startReader = async (root: string): Promise<RunningPeer> =>
  startProcess({ ...nodeProgram(root, 'read-body.mjs'), readyPath: '/' });

const elements = (): Float32Array => new Float32Array(ELEMENTS).fill(0.5);

function binaryBody(): { readonly head: Buffer; readonly body: Buffer } {
  const bytes = Buffer.from(elements().buffer);
  const input = { name: 'X', datatype: 'FP32', shape: SHAPE, parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [input] }));
  return { head, body: Buffer.concat([head, bytes]) };
}

const toReader = (): Load => binary(`"bytes":${binaryBody().body.length}`);

function binary(expects: string): Load {
  const { head, body } = binaryBody();
  return {
    name: 'binary',
    connections: CONNECTIONS,
    body: body.toString('latin1'),
    headers: {
      'Content-Type': 'application/octet-stream',
      'Inference-Header-Content-Length': String(head.length),
    },
    expects,
  };
}

function json(): Load {
  const input = { name: 'X', datatype: 'FP32', shape: SHAPE, data: [...elements()] };
  return {
    name: 'JSON',
    connections: CONNECTIONS,
    body: JSON.stringify({ inputs: [input] }),
    headers: { 'Content-Type': 'application/json' },
    expects: MEAN,
  };
}

async function check(address: string, { body, headers }: Load): Promise<void> {
  const answer = await fetch(address, { method: 'POST', body: Buffer.from(body, 'latin1'), headers });
  const { outputs } = (await answer.json()) as { outputs?: { data?: number[] }[] };
  if (outputs?.[0]?.data?.[0] !== 0.5) throw new Error(`answered ${JSON.stringify(outputs)} instead of the mean, 0.5`);
}
