import {
  type ConformanceCase,
  type Answer,
  serve,
  same,
  RAMP,
  ONES,
  SUMS,
  input,
  simple,
  simpleWith,
  identityAnswer,
  binaryAnswer,
  forms,
  dataOf,
  shapeOf,
  hexOf,
  hex,
  want,
  three,
  only,
  depth,
  ones8,
  classes5,
  floats,
  text,
  good,
} from './conformance.fixture';
import { modelConfig, modelMetadata } from './describe-model';
import { binaryInput, identity, requestForX, signature, SIMPLE, spec } from './infer-request.fixture';

/** Those of JSON in, and of JSON or classes out. */
export const JSON_CASES: readonly ConformanceCase[] = [
  [
    'C4 metadata names datatypes and shapes',
    () => modelMetadata('m', ['1'], SIMPLE).inputs[0],
    { name: 'INPUT0', datatype: 'INT32', shape: [1, 16] },
  ],
  [
    'C4 configuration names the same tensors',
    () => modelConfig('m', SIMPLE, 0).output.map(({ name }) => name),
    ['OUTPUT0', 'OUTPUT1'],
  ],
  [
    'C13 JSON in, both outputs as data',
    () => simple(),
    expect.objectContaining({
      headerLength: undefined,
      outputs: [expect.objectContaining({ name: 'OUTPUT0', data: SUMS }), expect.objectContaining({ name: 'OUTPUT1' })],
    }),
  ],
  [
    'C13 JSON outputs have no parameters',
    () => simple(),
    expect.objectContaining({ text: expect.not.stringContaining('parameters') as unknown }),
  ],
  [
    'C14 one binary, one JSON',
    () => forms(simple({ outputs: [want('OUTPUT0', { binary_data: true }), want('OUTPUT1', { binary_data: false })] })),
    [
      ['OUTPUT0', 'binary'],
      ['OUTPUT1', 'JSON'],
    ],
  ],
  [
    'C15 a listed output without binary_data is JSON',
    () => forms(simple({ outputs: [want('OUTPUT0', { binary_data: true }), want('OUTPUT1')] })),
    [
      ['OUTPUT0', 'binary'],
      ['OUTPUT1', 'JSON'],
    ],
  ],
  [
    'C16 binary_data_output without outputs',
    () => forms(simple({ parameters: { binary_data_output: true } })),
    [
      ['OUTPUT0', 'binary'],
      ['OUTPUT1', 'binary'],
    ],
  ],
  [
    'C17 binary_data_output does not reach listed outputs',
    () =>
      forms(
        simple({
          parameters: { binary_data_output: true },
          outputs: [want('OUTPUT0', { binary_data: false }), want('OUTPUT1')],
        }),
      ),
    [
      ['OUTPUT0', 'JSON'],
      ['OUTPUT1', 'JSON'],
    ],
  ],
  [
    'C18 15 values for [1,16]',
    () => simpleWith([input('INPUT0', RAMP.slice(1)), input('INPUT1', ONES)]),
    text('shape does not match true shape'),
  ],
  [
    'C19 18 values for [1,16]',
    () => simpleWith([input('INPUT0', [...RAMP, 1, 2]), input('INPUT1', ONES)]),
    text("Shape does not match true shape of 'data' field"),
  ],
  ['C20 a good request afterwards', () => simple(), good],
  ['C21 nested data in, flat data out', () => dataOf(identityAnswer('INT64', [1, 2], '[[1,2]]')), [1, 2]],
  ['C22 depth 50, BYTES', () => identityAnswer('BYTES', [1], depth(50, '"a"')), good],
  ['C22 depth 50, INT64', () => identityAnswer('INT64', [1], depth(50, '1')), good],
  ['C22 depth 120, BYTES', () => identityAnswer('BYTES', [1], depth(120, '"a"')), text('nested deeper than the limit')],
  ['C22 depth 120, INT64', () => identityAnswer('INT64', [1], depth(120, '1')), text('nested deeper than the limit')],
  ['C23 a negative size', () => identityAnswer('FP32', [2, -5], '[1]'), text('is -5, it must be 0 or more')],
  [
    'C24 too many elements',
    () =>
      serve(identity('FP32', -1, -1), same, requestForX('FP32', [], '[1]').replace('[]', '[16,1152921504606846978]')),
    text('element count'),
  ],
  [
    'C24 too many bytes',
    () =>
      serve(identity('FP32', -1, -1), same, requestForX('FP32', [], '[1]').replace('[]', '[4,1152921504606846978]')),
    text('byte size overflow'),
  ],
  [
    'C25 an output twice',
    () => simple({ outputs: [want('OUTPUT0'), want('OUTPUT0')] }),
    text("output 'OUTPUT0' already exists in request"),
  ],
  [
    'C26 an unknown output',
    () => simple({ outputs: [want('DUMMY')] }),
    expect.stringMatching(/^unexpected inference output 'DUMMY' for model/),
  ],
  [
    'C27 no inputs',
    () => serve(three, same, '{"inputs":[]}'),
    text("expected 3 inputs but got 0 inputs: got none, missing 'A', 'B', 'C'"),
  ],
  [
    'C28 one of three inputs',
    () => serve(three, same, only('B')),
    text("expected 3 inputs but got 1 inputs: got 'B', missing 'A', 'C'"),
  ],
  ['C30 an unknown input', () => serve(identity('FP32', 1), same, only('Z')), text('unexpected inference input')],
  [
    'C31 an input twice',
    () => simpleWith([input('INPUT0', RAMP), input('INPUT0', RAMP)]),
    text("input 'INPUT0' already exists in request"),
  ],
  [
    'C32 another datatype',
    () => serve(identity('FP32', -1), same, requestForX('INT32', [1], '[1]')),
    expect.stringMatching(/INT32.*FP32/),
  ],
  [
    'C32 an unknown datatype',
    () => serve(identity('FP32', -1), same, requestForX('INT322', [1], '[1]')),
    text('INT322'),
  ],
  [
    'C33 [16] to a batching model',
    () => serve(identity('FP32', -1, 16), same, requestForX('FP32', [16], JSON.stringify(RAMP)), { maxBatchSize: 8 }),
    text('inference request batch-size must be <= 8'),
  ],
  [
    'C33 [1,16] to a model of [16]',
    () => serve(identity('FP32', 16), same, requestForX('FP32', [1, 16], JSON.stringify(RAMP))),
    text("unexpected shape for input 'X'"),
  ],
  [
    'C33 the matching forms',
    () => [
      serve(identity('FP32', -1, 16), same, requestForX('FP32', [1, 16], JSON.stringify(RAMP)), { maxBatchSize: 8 }),
      serve(identity('FP32', 16), same, requestForX('FP32', [16], JSON.stringify(RAMP))),
    ],
    [good, good],
  ],
  [
    'C34 a batch of 9 where 8 is the most',
    () => serve(identity('FP32', -1), same, requestForX('FP32', [9], `[${'1,'.repeat(8)}1]`), { maxBatchSize: 8 }),
    text('inference request batch-size must be <= 8'),
  ],
  ['C35 FP16 in JSON', () => identityAnswer('FP16', [1], '[1]'), text('FP16')],
  [
    'C36 FP16 out as JSON',
    () => serve(signature([spec('X', 'FP32', -1)], [spec('Y', 'FP16', -1)]), same, requestForX('FP32', [1], '[1]')),
    text('FP16'),
  ],
  [
    'C36 FP16 out as binary data',
    () => hexOf(binaryAnswer('FP16', [8], new Uint16Array(8).fill(0x3c00))),
    '003c'.repeat(8),
  ],
  ['C37 some of the outputs', () => forms(simple({ outputs: [want('OUTPUT1')] })), [['OUTPUT1', 'JSON']]],
  [
    'C38 NaN and infinities out as JSON',
    () => identityAnswer('FP32', [3], '[NaN,Infinity,-Infinity]'),
    expect.objectContaining({ text: text('"data":[NaN,Infinity,-Infinity]') }),
  ],
  [
    'C38 NaN and infinities out as binary data',
    () => hexOf(binaryAnswer('FP64', [3], new Float64Array([NaN, Infinity, -Infinity]))),
    hex('FP64', new Float64Array([NaN, Infinity, -Infinity])),
  ],
  ['C39 NaN and infinities in', () => dataOf(identityAnswer('FP32', [2], '[NaN,-Infinity]')), ['NaN', '-Infinity']],
  [
    'C40 an id is echoed',
    () => simple({ id: '42' }),
    expect.objectContaining({ json: expect.objectContaining({ id: '42' }) as unknown }),
  ],
  [
    'C40 an empty or absent id is not',
    () => [simple({ id: '' }), simple()].map((answer) => (answer as Answer).text.includes('"id"')),
    [false, false],
  ],
  [
    'C41 parameters of all kinds',
    () => simpleWith([input('INPUT0', RAMP, { parameters: { a: 'b' } }), input('INPUT1', ONES)]),
    good,
  ],
  ['C41 parameters of the request', () => simple({ parameters: { a: 'b', c: 1, d: true, e: 0.5 } }), good],
  ['C42 a reserved parameter', () => simple({ parameters: { triton_x: 1 } }), text('reserved for Triton usage')],
  ['C44 malformed JSON', () => serve(SIMPLE, same, '{"inputs":['), text('not valid JSON')],
  ['C44 an empty object', () => serve(SIMPLE, same, '{}'), text('"inputs" is missing')],
  [
    'C45 neither data nor binary data',
    () => simpleWith([input('INPUT0', undefined), input('INPUT1', ONES)]),
    text('no field is set'),
  ],
  [
    'C46 both data and binary data',
    () => simpleWith([input('INPUT0', RAMP, { parameters: { binary_data_size: 64 } }), input('INPUT1', ONES)]),
    text('exactly one of'),
  ],
  [
    'C47 the largest INT64',
    () => identityAnswer('INT64', [1], '[9223372036854775807]'),
    expect.objectContaining({ text: text('[9223372036854775807]') }),
  ],
  [
    'C47 the largest UINT64',
    () => identityAnswer('UINT64', [1], '[18446744073709551615]'),
    expect.objectContaining({ text: text('[18446744073709551615]') }),
  ],
  [
    'C48 sizes of zero, JSON',
    () =>
      [
        [0, 1],
        [0, 0],
        [1, 0],
      ].map((shape) => shapeOf(identityAnswer('FP32', shape, '[]'))),
    [
      [0, 1],
      [0, 0],
      [1, 0],
    ],
  ],
  [
    'C48 sizes of zero, binary data',
    () =>
      [
        [0, 1],
        [0, 0],
        [1, 0],
      ].map((shape) => shapeOf(binaryAnswer('FP32', shape, floats(0)))),
    [
      [0, 1],
      [0, 0],
      [1, 0],
    ],
  ],
  [
    'C49 shapes of one element',
    () => [[], [1], [1, 1]].map((shape) => shapeOf(identityAnswer('FP32', shape, depth(shape.length || 1, '5')))),
    [[], [1], [1, 1]],
  ],
  [
    'C50 a NUL in BYTES is refused, because the runtime would cut there',
    () => identityAnswer('BYTES', [1], '["abc\\u0000def"]'),
    text('without the character U+0000'),
  ],
  ['C51 texts in JSON', () => dataOf(identityAnswer('BYTES', [2], '["Rīga","7"]')), ['Rīga', '7']],
  ['C51 texts as binary data', () => hexOf(binaryAnswer('BYTES', [2], ['Rīga', '7'])), hex('BYTES', ['Rīga', '7'])],
  [
    'C52 BYTES that are no text are refused, because the runtime has text only',
    () =>
      serve(
        identity('BYTES', -1),
        same,
        Buffer.concat([
          Buffer.from(JSON.stringify({ inputs: [binaryInput('X', 'BYTES', [1], 5)] })),
          Buffer.from([1, 0, 0, 0, 255]),
        ]),
        { header: String(JSON.stringify({ inputs: [binaryInput('X', 'BYTES', [1], 5)] }).length) },
      ),
    text('not UTF-8'),
  ],
  [
    'C53 five classes of a batch',
    () => serve(identity('FP32', -1, 8), same, requestForX('FP32', [1, 8], ones8, classes5), { maxBatchSize: 8 }),
    expect.objectContaining({
      outputs: [
        { name: 'Y', datatype: 'BYTES', shape: [1, 5], data: RAMP.slice(0, 5).map((index) => `1.000000:${index}`) },
      ],
    }),
  ],
  [
    'C54 classes of BYTES',
    () => identityAnswer('BYTES', [1], '["a"]', classes5),
    text("class result not available for output due to unsupported type 'BYTES'"),
  ],
  [
    'C54 classes of 1,000,001 elements',
    () =>
      serve(
        identity('INT8', -1),
        () => [{ datatype: 'INT8', shape: [1_000_001], data: new Int8Array(1_000_001) }],
        requestForX('INT8', [1], '[1]', classes5),
      ),
    text('classification output tensor too large'),
  ],
  [
    'C55 a label is the third field',
    () =>
      dataOf(
        serve(identity('FP32', -1), same, requestForX('FP32', [2], '[1,2]', classes5), { classNames: ['no', 'yes'] }),
      ),
    ['2.000000:1:yes', '1.000000:0:no'],
  ],
];
