import {
  type ConformanceCase,
  type Answer,
  serve,
  same,
  sumAndDifference,
  RAMP,
  SUMS,
  simpleInputs,
  simple,
  binaryAnswer,
  raw,
  forms,
  hexOf,
  hex,
  want,
  three,
  floats,
  text,
} from './conformance.fixture';
import { binaryInput, bytesOf, identity, SIMPLE } from './infer-request.fixture';

const json40 = Buffer.from(JSON.stringify({ inputs: [binaryInput('X', 'FP32', [8], 32)] }));
const body40 = Buffer.concat([json40, bytesOf('FP32', floats(8))]);
const withHeader = (header: string | undefined, body: Uint8Array = body40): Answer | string =>
  serve(identity('FP32', -1), same, body, header === undefined ? {} : { header });

/** Those of binary data and raw requests. */
export const BINARY_CASES: readonly ConformanceCase[] = [
  ['C57 8 raw values', () => hexOf(raw(identity('FP32', -1), bytesOf('FP32', floats(8)))), hex('FP32', floats(8))],
  ['C57 32 raw values', () => hexOf(raw(identity('FP32', -1), bytesOf('FP32', floats(32)))), hex('FP32', floats(32))],
  ['C58 a raw text', () => hexOf(raw(identity('BYTES', 1), Buffer.from('427'))), '03000000343237'],
  [
    'C59 a raw text to more than one',
    () => raw(identity('BYTES', 2), Buffer.from('427')),
    text('needs a model whose shape is [1]'),
  ],
  ['C60 two open sizes', () => raw(identity('FP32', -1, -1), bytesOf('FP32', floats(8))), text('can not be deduced')],
  ['C60 three inputs', () => raw(three, bytesOf('FP32', floats(8))), text('Raw request must only have 1 input')],
  ['C62 a header of 99999999999', () => withHeader('99999999999'), text('must be the number of bytes of JSON')],
  ['C63 a header beyond the body', () => withHeader('9999999'), text('says 9999999 bytes of JSON')],
  [
    'C64 headers that are no length',
    () => ['-1', 'abc'].map((header) => withHeader(header)),
    [text("got '-1'"), text("got 'abc'")],
  ],
  [
    'C65 40 bytes where 32 are due',
    () => binaryAnswer('FP32', [8], floats(10)),
    expect.stringMatching(/input byte size mismatch .*Expected 32, got 40/),
  ],
  [
    'C66 14 texts for 16',
    () => binaryAnswer('BYTES', [16], RAMP.slice(2).map(String)),
    text('expected 16 string elements'),
  ],
  [
    'C66 18 texts for 16',
    () => binaryAnswer('BYTES', [16], [...RAMP, 1, 2].map(String)),
    text('unexpected number of string elements'),
  ],
  [
    'C67 one byte short',
    () => withHeader(String(json40.length), body40.subarray(0, -1)),
    text('expecting 1 additional bytes'),
  ],
  [
    'C67 one byte more',
    () => withHeader(String(json40.length), Buffer.concat([body40, Buffer.from([0])])),
    text('unexpected additional input data'),
  ],
  [
    'C68 mixed forms in and out',
    () => mixed(),
    [
      ['OUTPUT0', 'binary'],
      ['OUTPUT1', 'JSON'],
    ],
  ],
  [
    'C69 bytes follow the JSON in the order of the outputs',
    () => layout(),
    [
      true,
      128,
      hex('INT32', Int32Array.from(SUMS)) +
        hex(
          'INT32',
          Int32Array.from(RAMP, (value) => value - 1),
        ),
    ],
  ],
  [
    'C70 binary_data beats binary_data_output',
    () =>
      forms(simple({ parameters: { binary_data_output: false }, outputs: [want('OUTPUT0', { binary_data: true })] })),
    [['OUTPUT0', 'binary']],
  ],
  [
    'C99 the bytes of three texts',
    () => hex('BYTES', ['one', 'two', 'three']),
    '030000006f6e650300000074776f050000007468726565',
  ],
];

function mixed(): unknown {
  const outputs = [want('OUTPUT0', { binary_data: true }), want('OUTPUT1', { binary_data: false })];
  const json = Buffer.from(
    JSON.stringify({ inputs: [binaryInput('INPUT0', 'INT32', [1, 16], 64), simpleInputs[1]], outputs }),
  );
  const body = Buffer.concat([json, bytesOf('INT32', Int32Array.from(RAMP))]);
  return forms(serve(SIMPLE, sumAndDifference, body, { header: String(json.length) }));
}

function layout(): unknown {
  const answer = simple({ parameters: { binary_data_output: true } });
  if (typeof answer === 'string') return answer;
  const sizes = answer.outputs.map((output) => (output['parameters'] as { binary_data_size: number }).binary_data_size);
  const tailBytes = sizes.reduce((sum, size) => sum + size, 0);
  return [answer.headerLength === Buffer.byteLength(answer.text), tailBytes, hexOf(answer)];
}
