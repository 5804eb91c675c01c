import { toFloat16Bits } from '@understudy/inference';
import { BothDoors } from '../support/both-doors';
import { binaryRequest, bytesOf, bytesOfTexts, takeApart } from '../support/infer-bodies';
import { batchMeanModel, constantModel, identityModel } from '../support/onnx/models';
import { EVERY_DATATYPE, everyTypeModel, simpleModel } from '../support/onnx/protocol-models';

/** Inference by the Open Inference Protocol with tensors as bytes, of every datatype, and bodies that are nothing but a tensor. */

const INFER = '/v2/models/default/infer';
const HEADER = 'Inference-Header-Content-Length';

let doors: BothDoors;

function serve(model: Uint8Array): void {
  beforeAll(async () => {
    doors = await BothDoors.open([model]);
  });
  afterAll(async () => {
    await doors.close();
  });
}

const refused = (pattern: RegExp) => [400, { error: expect.stringMatching(pattern) as string }];

describe('a model that gives out a tensor of each datatype', () => {
  serve(everyTypeModel());

  /** Two rows of two of each datatype: as bytes, and as JSON where they have that form. */
  const SAMPLES: Readonly<Record<string, { readonly bytes: Buffer; readonly json: string | undefined }>> = {
    BOOL: { bytes: Buffer.from([1, 0, 0, 1]), json: 'true,false,false,true' },
    UINT8: { bytes: Buffer.from([0, 1, 254, 255]), json: '0,1,254,255' },
    UINT16: { bytes: bytesOf(new Uint16Array([0, 1, 2, 65_535])), json: '0,1,2,65535' },
    UINT32: { bytes: bytesOf(new Uint32Array([0, 1, 2, 4_294_967_295])), json: '0,1,2,4294967295' },
    UINT64: {
      bytes: bytesOf(new BigUint64Array([0n, 1n, 9_007_199_254_740_993n, 18_446_744_073_709_551_615n])),
      json: '0,1,9007199254740993,18446744073709551615',
    },
    INT8: { bytes: bytesOf(new Int8Array([-128, -1, 0, 127])), json: '-128,-1,0,127' },
    INT16: { bytes: bytesOf(new Int16Array([-32_768, -1, 0, 32_767])), json: '-32768,-1,0,32767' },
    INT32: { bytes: bytesOf(new Int32Array([-(2 ** 31), -1, 0, 2 ** 31 - 1])), json: '-2147483648,-1,0,2147483647' },
    INT64: {
      bytes: bytesOf(new BigInt64Array([-(2n ** 63n), -1n, 9_007_199_254_740_993n, 2n ** 63n - 1n])),
      json: '-9223372036854775808,-1,9007199254740993,9223372036854775807',
    },
    FP16: { bytes: bytesOf(new Uint16Array([0.5, -2, Infinity, 0].map(toFloat16Bits))), json: undefined },
    FP32: {
      bytes: bytesOf(new Float32Array([0.1, -Infinity, NaN, 3.4028235e38])),
      json: '0.1,-Infinity,NaN,3.4028235e+38',
    },
    FP64: { bytes: bytesOf(new Float64Array([0.1, 5e-324, -0, 1e308])), json: '0.1,5e-324,-0.0,1e+308' },
    BYTES: { bytes: bytesOfTexts('', 'Rīga', '🙂', 'a\nb"'), json: '"","Rīga","🙂","a\\nb\\""' },
  };

  const inputs = (rows: number, inJson: boolean): string =>
    EVERY_DATATYPE.map((type) => {
      const { bytes, json } = SAMPLES[type]!;
      const content =
        inJson && json !== undefined
          ? `"data":[${json}]`
          : `"parameters":{"binary_data_size":${rows === 0 ? 0 : bytes.length}}`;
      return `{"name":"in_${type}","datatype":"${type}","shape":[${rows},2],${content}}`;
    }).join(',');

  const asRequest = (json: string, ...blobs: readonly Buffer[]) => ({
    method: 'POST',
    body: Buffer.concat([Buffer.from(json), ...blobs]),
    headers: { [HEADER]: String(Buffer.byteLength(json)) },
  });

  it('gives back the same bytes, wherever in the body they lie', async () => {
    for (const padding of ['', ' ', '  ', '   ']) {
      const json = `{${padding}"inputs":[${inputs(2, false)}],"parameters":{"binary_data_output":true}}`;
      const answer = await doors.ask(INFER, asRequest(json, ...EVERY_DATATYPE.map((type) => SAMPLES[type]!.bytes)));
      const { json: described, blobs } = takeApart(answer);
      expect(described.outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual(
        EVERY_DATATYPE.map((type) => [`out_${type}`, type, [2, 2]]),
      );
      for (const type of EVERY_DATATYPE) expect([type, blobs[`out_${type}`]]).toEqual([type, SAMPLES[type]!.bytes]);
    }
  });

  it.each(EVERY_DATATYPE.filter((type) => SAMPLES[type]!.json !== undefined))(
    '[cases 37, 40, 41] reads and writes %s in JSON without loss',
    async (type) => {
      const json = `{"inputs":[${inputs(2, true)}],"outputs":[{"name":"out_${type}"}]}`;
      const answer = await doors.ask(INFER, asRequest(json, SAMPLES['FP16']!.bytes));
      expect(answer.text).toBe(
        `{"model_name":"default","model_version":"1","outputs":[{"name":"out_${type}","datatype":"${type}","shape":[2,2],"data":[${SAMPLES[type]!.json!}]}]}`,
      );
    },
  );

  it('[case 34] gives back rows of none, and no header where no bytes follow', async () => {
    const answer = await doors.ask(
      INFER,
      asRequest(`{"inputs":[${inputs(0, false)}],"parameters":{"binary_data_output":true}}`),
    );
    expect(answer.headers).not.toHaveProperty(HEADER.toLowerCase());
    const { json, blobs } = takeApart(answer);
    for (const type of EVERY_DATATYPE) expect([type, blobs[`out_${type}`]?.length]).toEqual([type, 0]);
    expect(json.outputs.every(({ shape }) => shape.join() === '0,2')).toBe(true);
  });

  it('has no form in JSON for half-precision numbers', async () => {
    const all = inputs(2, true);
    const asData = all.replace('"shape":[2,2],"parameters":{"binary_data_size":8}', '"shape":[2,2],"data":[1,2,3,4]');
    const taken = await doors.post(INFER, `{"inputs":[${asData}],"outputs":[{"name":"out_BOOL"}]}`);
    expect([taken.status, taken.json]).toEqual(refused(/'in_FP16' is FP16, which has no form in JSON/));
    const given = await doors.ask(INFER, asRequest(`{"inputs":[${all}]}`, SAMPLES['FP16']!.bytes));
    expect([given.status, given.json]).toEqual(refused(/'out_FP16' is FP16, which has no form in JSON/));
  });

  it('answers many at once with their own rows, those of no rows too', async () => {
    const ask = async (index: number): Promise<void> => {
      const rows = index % 3;
      const blobs = EVERY_DATATYPE.map((type) =>
        type === 'BYTES'
          ? bytesOfTexts(...Array.from({ length: rows * 2 }, (_, at) => `${index}-${at}`))
          : Buffer.alloc((rows * SAMPLES[type]!.bytes.length) / 2, type === 'BOOL' ? index & 1 : index),
      );
      const answer = await doors.ask(
        INFER,
        binaryRequest(
          {
            id: String(index),
            parameters: { binary_data_output: true },
            inputs: EVERY_DATATYPE.map((type, at) => ({
              name: `in_${type}`,
              datatype: type,
              shape: [rows, 2],
              parameters: { binary_data_size: blobs[at]!.length },
            })),
          },
          ...blobs,
        ),
      );
      const { json, blobs: got } = takeApart(answer);
      expect(json.id).toBe(String(index));
      expect(EVERY_DATATYPE.map((type) => got[`out_${type}`])).toEqual(blobs);
    };
    await Promise.all(Array.from({ length: 60 }, async (_, index) => ask(index)));
  });
});

describe('a body with binary tensors', () => {
  serve(constantModel(7));

  const BYTES = bytesOf(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]));
  const input = (size: unknown = 32, shape: readonly number[] = [2, 4]) => ({
    name: 'X',
    datatype: 'FP32',
    shape,
    parameters: { binary_data_size: size },
  });
  const JSON_BYTES = Buffer.byteLength(JSON.stringify({ inputs: [input()] }));

  const ask = async (header: string | undefined, json: object, blob: Uint8Array = BYTES) => {
    const { body, headers } = binaryRequest(json, blob);
    const sent = header === undefined ? headers : { [HEADER]: header };
    const answer = await doors.ask(INFER, { method: 'POST', body, headers: header === 'none' ? {} : sent });
    return [answer.status, answer.json];
  };

  const GOOD = {
    model_name: 'default',
    model_version: '1',
    outputs: [{ name: 'label', datatype: 'INT64', shape: [2], data: [7, 7] }],
  };

  afterEach(async () => {
    expect(await ask(undefined, { inputs: [input()] })).toEqual([200, GOOD]);
  });

  it.each<[string, string]>([
    ['a word', 'abc'],
    ['a negative number', '-1'],
    ['a fraction', '1.5'],
    ['another notation', '1e2'],
    ['a hexadecimal number', '0x10'],
    ['two numbers', `${JSON_BYTES}, ${JSON_BYTES}`],
    ['more than 31 bits', '99999999999'],
    ['more digits than a number has', '9'.repeat(1000)],
    ['more than the body has', '9999999'],
    ['one byte more than the JSON', String(JSON_BYTES + 1)],
    ['one byte less than the JSON', String(JSON_BYTES - 1)],
    ['the whole body', String(JSON_BYTES + 32)],
  ])('[case 43] is refused where the header is %s', async (_, header) => {
    expect(await ask(header, { inputs: [input()] })).toEqual(refused(/./));
  });

  it('[case 43] is refused where the header is missing, and told which', async () => {
    expect(await ask('none', { inputs: [input()] })).toEqual(
      refused(/needs the header Inference-Header-Content-Length/),
    );
  });

  it.each<[string, object, Uint8Array, RegExp]>([
    [
      'one byte less than declared',
      input(),
      BYTES.subarray(1),
      /^unexpected size for input 'X', expecting 1 additional bytes/,
    ],
    [
      'one byte more than declared',
      input(),
      Buffer.concat([BYTES, Buffer.alloc(1)]),
      /^unexpected additional input data/,
    ],
    ['no bytes', input(), Buffer.alloc(0), /expecting 32 additional bytes/],
    ['40 bytes where the shape has 32', input(40), Buffer.alloc(40), /input byte size mismatch.*Expected 32, got 40/],
    ['31 bytes where the shape has 32', input(31), BYTES.subarray(1), /input byte size mismatch.*Expected 32, got 31/],
    ['a negative size', input(-32), BYTES, /'binary_data_size'/],
    ['a fraction of a size', input(32.5), BYTES, /'binary_data_size'/],
    ['a size as text', input('32'), BYTES, /'binary_data_size'.*got a string/],
    ['a size of 2^53', input(2 ** 53), BYTES, /additional bytes/],
    ['a shape that overflows', input(32, [2, 2 ** 62]), BYTES, /byte size overflow|element count/],
    ['a huge shape', input(32, [2_000_000_000, 4]), BYTES, /Expected 32000000000, got 32/],
  ])('[cases 34, 43] is refused for %s', async (_, described, blob, pattern) => {
    expect(await ask(undefined, { inputs: [described] }, blob)).toEqual(refused(pattern));
  });

  it('is taken where null stands for the data in JSON', async () => {
    expect(await ask(undefined, { inputs: [{ ...input(), data: null }] })).toEqual([200, GOOD]);
  });

  it('is one row where it is nothing but the tensor', async () => {
    const answer = await doors.ask(INFER, { method: 'POST', body: BYTES.subarray(0, 16), headers: { [HEADER]: '0' } });
    expect(takeApart(answer).blobs['label']).toEqual(bytesOf(new BigInt64Array([7n])));
    for (const bytes of [0, 15, 32]) {
      const other = await doors.ask(INFER, { method: 'POST', body: Buffer.alloc(bytes), headers: { [HEADER]: '0' } });
      expect([other.status, other.json]).toEqual(refused(/byte size mismatch/));
    }
  });
});

describe('a body that is nothing but a tensor', () => {
  const raw = async (body: Uint8Array, chunkBytes?: number) =>
    doors.ask(INFER, {
      method: 'POST',
      body,
      headers: { [HEADER]: '0' },
      ...(chunkBytes === undefined ? {} : { chunkBytes }),
    });

  describe('for a model whose rows must not share a run', () => {
    serve(batchMeanModel());

    it.each([undefined, 7])('has as many rows as its bytes say, in pieces of %p bytes too', async (chunkBytes) => {
      const answer = await raw(bytesOf(new Float32Array([1, 2, 3, 4, 5, 6])), chunkBytes);
      const { json, blobs } = takeApart(answer);
      expect(json.outputs[0]?.shape).toEqual([3, 2]);
      expect(blobs['Y']).toEqual(bytesOf(new Float32Array([-2, -2, 0, 0, 2, 2])));
    });
  });

  describe('for a model of texts', () => {
    serve(identityModel('BYTES', [-1, 1]));

    it('is one text, without its length', async () => {
      expect(takeApart(await raw(Buffer.from('427'))).blobs['Y']).toEqual(bytesOfTexts('427'));
    });

    it.each<[string, Uint8Array, RegExp]>([
      ['a length cut off', Buffer.from([1, 0]), /incomplete string length indicator/],
      ['a text cut off', Buffer.from([9, 0, 0, 0, 65]), /input 'X'/],
      ['a length of 4 GiB', Buffer.from([255, 255, 255, 255]), /input 'X'/],
      ['too few texts', bytesOfTexts('a'), /expected 2 string elements.*got 1/],
      ['too many texts', bytesOfTexts('a', 'b', 'c'), /unexpected number of string elements/],
      ['a text with NUL', bytesOfTexts('a', 'b\0c'), /U\+0000/],
      ['bytes that are no UTF-8', Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 0xff]), /UTF-8/],
    ])('[cases 41, 43] is refused for %s', async (_, blob, pattern) => {
      const input = { name: 'X', datatype: 'BYTES', shape: [2, 1], parameters: { binary_data_size: blob.length } };
      const answer = await doors.ask(INFER, binaryRequest({ inputs: [input] }, blob));
      expect([answer.status, answer.json]).toEqual(refused(pattern));
    });

    it('[case 32] takes a text of a megabyte', async () => {
      const text = 'é'.repeat(500_000);
      expect(takeApart(await raw(Buffer.from(text))).blobs['Y']).toEqual(bytesOfTexts(text));
    });
  });

  describe('for a model with two inputs', () => {
    serve(simpleModel());

    it('is refused', async () => {
      const answer = await raw(Buffer.alloc(64));
      expect([answer.status, answer.json]).toEqual(refused(/^Raw request must only have 1 input/));
    });
  });
});
