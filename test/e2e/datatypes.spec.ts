import { type Datatype, toFloat16Bits } from '@understudy/inference';
import { exchange } from '../support/exchange';
import { binaryRequest, bytesOf, bytesOfTexts, takeApart } from '../support/infer-bodies';
import { ModelFolder } from '../support/model-folder';
import { buildModel, type Model } from '../support/onnx/build-model';
import { identityModel, zipMapModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** Every type that the runtime can take in and give out, there and back through each protocol, over a real model of that type. */

interface Sample {
  /** A row of two as JSON takes it, in each protocol; bare words where a protocol has them. */
  readonly row: string;
  /** The same as it is given out, where that is not how it was sent. */
  readonly out?: string;
  /** The row as /v2 takes and gives it; null where it has no form in JSON there. */
  readonly infer?: string | null;
  readonly bytes: Buffer;
}

const SAMPLES: Readonly<Record<Datatype, readonly Sample[]>> = {
  BOOL: [{ row: 'true,false', bytes: Buffer.from([1, 0]) }],
  UINT8: [{ row: '0,255', bytes: Buffer.from([0, 255]) }],
  UINT16: [{ row: '0,65535', bytes: bytesOf(new Uint16Array([0, 65_535])) }],
  UINT32: [{ row: '0,4294967295', bytes: bytesOf(new Uint32Array([0, 4_294_967_295])) }],
  UINT64: [
    {
      row: '9007199254740993,18446744073709551615',
      bytes: bytesOf(new BigUint64Array([9_007_199_254_740_993n, 18_446_744_073_709_551_615n])),
    },
  ],
  INT8: [{ row: '-128,127', bytes: bytesOf(new Int8Array([-128, 127])) }],
  INT16: [{ row: '-32768,32767', bytes: bytesOf(new Int16Array([-32_768, 32_767])) }],
  INT32: [{ row: '-2147483648,2147483647', bytes: bytesOf(new Int32Array([-(2 ** 31), 2 ** 31 - 1])) }],
  INT64: [
    {
      row: '-9223372036854775808,9223372036854775807',
      bytes: bytesOf(new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n])),
    },
    { row: '-9007199254740993,0', bytes: bytesOf(new BigInt64Array([-9_007_199_254_740_993n, 0n])) },
  ],
  FP16: [
    { row: '0.5,-65504.0', infer: null, bytes: bytesOf(new Uint16Array([0.5, -65_504].map(toFloat16Bits))) },
    { row: '"NaN","-Infinity"', infer: null, bytes: bytesOf(new Uint16Array([NaN, -Infinity].map(toFloat16Bits))) },
  ],
  FP32: [
    // /v2 writes as many digits as tell a float apart; the others write the number that it is, as numpy's tolist() does.
    {
      row: '0.10000000149011612,3.4028234663852886e+38',
      infer: '0.1,3.4028235e+38',
      bytes: bytesOf(new Float32Array([0.1, 3.4028235e38])),
    },
    { row: '-0.0,1.401298464324817e-45', infer: '-0.0,1e-45', bytes: bytesOf(new Float32Array([-0, 1e-45])) },
    { row: '"NaN","Infinity"', infer: 'NaN,Infinity', bytes: bytesOf(new Float32Array([NaN, Infinity])) },
  ],
  FP64: [
    { row: '0.1,5e-324', bytes: bytesOf(new Float64Array([0.1, 5e-324])) },
    { row: '"-Infinity","NaN"', infer: '-Infinity,NaN', bytes: bytesOf(new Float64Array([-Infinity, NaN])) },
  ],
  BYTES: [
    { row: '"","Rīga 🙂"', bytes: bytesOfTexts('', 'Rīga 🙂') },
    { row: '"NaN","a\\n\\"b\\""', bytes: bytesOfTexts('NaN', 'a\n"b"') },
  ],
};

const JSON_TYPE = { 'Content-Type': 'application/json' };
const INFER = '/v2/models/default/infer';

async function withServer(model: Uint8Array, action: (server: RunningServer) => Promise<void>): Promise<void> {
  const models = new ModelFolder();
  models.publish('tracking-quickstart', 1, model);
  const server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
  try {
    await action(server);
  } finally {
    await server.stop();
    models.remove();
  }
}

const post = async (server: RunningServer, path: string, body: string): Promise<string> =>
  (await exchange(`${server.url}${path}`, { method: 'POST', body, headers: JSON_TYPE })).text;

const outputs = (datatype: Datatype, shape: readonly number[], content: string): string =>
  `{"model_name":"default","model_version":"1","outputs":[{"name":"Y","datatype":"${datatype}","shape":[${shape.join()}],${content}}]}`;

async function expectThereAndBack(server: RunningServer, datatype: Datatype, sample: Sample): Promise<void> {
  const { row, out = row, infer = row, bytes } = sample;
  expect(await post(server, '/predict', `{"data":[[${row}]]}`)).toBe(
    `{"predictions":[[${out}]],"model_used":"current"}`,
  );
  expect(await post(server, '/invocations', `{"inputs":[[${row}]]}`)).toBe(`{"predictions":{"Y":[[${out}]]}}`);
  const input = { name: 'X', datatype, shape: [1, 2] };
  const inJson = `{"inputs":[{"name":"X","datatype":"${datatype}","shape":[1,2],"data":[${infer ?? row}]}]}`;
  const answered = await post(server, INFER, inJson);
  if (infer === null) expect(answered).toMatch(/^{"error":".*FP16, which has no form in JSON/);
  else expect(answered).toBe(outputs(datatype, [1, 2], `"data":[${infer}]`));
  const request = {
    inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }],
    parameters: { binary_data_output: true },
  };
  const { blobs } = takeApart(await exchange(`${server.url}${INFER}`, binaryRequest(request, bytes)));
  expect(blobs).toEqual({ Y: bytes });
}

describe('[cases 37, 39, 40, 41] elements of', () => {
  it.each(Object.entries(SAMPLES) as [Datatype, readonly Sample[]][])(
    '%s come back as they went, through each protocol',
    async (datatype, samples) => {
      await withServer(identityModel(datatype), async (server) => {
        for (const sample of samples) await expectThereAndBack(server, datatype, sample);
        // Rows of no elements, and no rows at all where the protocol has them.
        expect(await post(server, '/predict', '{"data":[[],[]]}')).toBe(
          '{"predictions":[[],[]],"model_used":"current"}',
        );
        const none = binaryRequest({
          inputs: [{ name: 'X', datatype, shape: [0, 3], parameters: { binary_data_size: 0 } }],
          parameters: { binary_data_output: true },
        });
        const { json } = takeApart(await exchange(`${server.url}${INFER}`, none));
        expect(json.outputs[0]).toMatchObject({ datatype, shape: [0, 3] });
      });
    },
  );
});

describe('a model whose outputs are of several kinds', () => {
  /** A tensor, and a list of tensors beside it. */
  const withSequence: Model = {
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 2] }],
    outputs: [
      // A sequence of tensors of floats, field by field: sequence 4, element type 1, tensor 1, element type 1.
      { name: 'parts', typeMessage: Uint8Array.of(0x22, 6, 0x0a, 4, 0x0a, 2, 0x08, 1) },
      { name: 'Y', type: 'FP32', shape: [-1, 2] },
    ],
    nodes: [
      { op: 'SequenceConstruct', inputs: ['X', 'X'], outputs: ['parts'] },
      { op: 'Abs', inputs: ['X'], outputs: ['Y'] },
    ],
  };

  it('[case 41] serves the tensors, and says which it leaves out', async () => {
    await withServer(buildModel(withSequence), async (server) => {
      expect((await server.predict([[1, -2]])).body).toEqual({ predictions: [[1, 2]], model_used: 'current' });
      expect((await server.status()).current).toMatchObject({
        outputsLeftOut: ['parts'],
        signature: { outputs: [{ name: 'Y' }] },
        batching: { batched: true },
      });
    });
  });

  it('[case 41] serves a classifier with ZipMap beside it whole', async () => {
    await withServer(zipMapModel([0n, 1n]), async (server) => {
      expect((await server.status()).current).toMatchObject({ outputsLeftOut: [] });
      expect(await post(server, '/invocations', '{"inputs":[[3,1]]}')).toMatch(
        /^{"predictions":{"output_label":\[0\],/,
      );
    });
  });
});

describe('a model with an operator of its own', () => {
  it('is served where the operator is a function inside the model', async () => {
    const model = buildModel({
      opsets: { '': 17, 'my.company': 1 },
      functions: [{ domain: 'my.company', name: 'Frobnicate' }],
      inputs: [{ name: 'X', type: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 2] }],
      nodes: [{ op: 'Frobnicate', domain: 'my.company', inputs: ['X'], outputs: ['Y'] }],
    });
    await withServer(model, async (server) => {
      expect((await server.predict([[1, -2]])).body).toMatchObject({ predictions: [[1, -2]] });
    });
  });
});

describe('an input with a default', () => {
  const bias = { name: 'bias', type: 'FP32', shape: [1], data: new Uint8Array(new Float32Array([10]).buffer) } as const;
  const model = buildModel({
    inputs: [
      { name: 'X', type: 'FP32', shape: [-1, 1] },
      { name: 'bias', type: 'FP32', shape: [1] },
    ],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 1] }],
    initializers: [bias],
    nodes: [{ op: 'Add', inputs: ['X', 'bias'], outputs: ['Y'] }],
  });

  it('[case 33] takes its default; who sends one is told, not ignored', async () => {
    await withServer(model, async (server) => {
      const x = '{"name":"X","datatype":"FP32","shape":[1,1],"data":[1]}';
      expect(await post(server, INFER, `{"inputs":[${x}]}`)).toBe(outputs('FP32', [1, 1], '"data":[11.0]'));
      const both = `{"inputs":[${x},{"name":"bias","datatype":"FP32","shape":[1],"data":[5]}]}`;
      expect(await post(server, INFER, both)).toMatch(/^{"error":"expected 1 inputs but got 2/);
    });
  });
});
