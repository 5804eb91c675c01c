import { decode, identity, IRIS, requestForX, signature, SIMPLE, spec } from './infer-request.fixture';

const X = '{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}';
const EXAMPLE = '{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}';

describe('an inference request that is refused', () => {
  it.each([
    ['null', 'got null'],
    ['5', 'got a number'],
    ['[]', 'got an array'],
    ['{}', 'but "inputs" is missing'],
    ['{"outputs":[]}', 'but "inputs" is missing'],
  ])('[case 18] is told what a body looks like when it is %j', (body, problem) => {
    expect(decode(body, IRIS)).toEqual({
      ok: false,
      code: 'invalid-body',
      problem: `Expected an object like ${EXAMPLE}, ${problem}`,
    });
  });

  it.each([
    ['{"inputs":5}', 'Expected "inputs" to be an array, got a number'],
    ['{"inputs":null}', 'Expected "inputs" to be an array, got null'],
    ['{"inputs":[5]}', 'inputs[0]: expected an object with "name", "shape", "datatype" and "data", got a number'],
    [`{"id":5,"inputs":[${X}]}`, 'Expected "id" to be a string, got a number'],
    [`{"parameters":[],"inputs":[${X}]}`, 'The request: expected "parameters" to be an object, got an array'],
    [`{"outputs":{},"inputs":[${X}]}`, 'Expected "outputs" to be an array, got an object'],
    [`{"outputs":["label"],"inputs":[${X}]}`, 'outputs[0]: expected an object with "name", got a string'],
    [`{"outputs":[{}],"inputs":[${X}]}`, 'outputs[0]: "name" is missing'],
    [`{"outputs":[{"name":1}],"inputs":[${X}]}`, 'outputs[0]: expected "name" to be a string, got a number'],
    ['{"inputs":[{"shape":[1],"datatype":"FP32","data":[1]}]}', 'inputs[0]: "name" is missing'],
    ['{"inputs":[{"name":"X","datatype":"FP32","data":[1]}]}', 'input \'X\': "shape" is missing'],
    ['{"inputs":[{"name":"X","shape":[1],"data":[1]}]}', 'input \'X\': "datatype" is missing'],
    [
      '{"inputs":[{"name":"X","shape":4}]}',
      'input \'X\': expected "shape" to be an array of unsigned integers, got a number',
    ],
    ['{"inputs":[{"datatype":32}]}', 'inputs[0]: expected "datatype" to be a string, got a number'],
    [requestForX('FP32', [1, 4], '{"0":1}'), 'input \'X\': expected "data" to be an array, got an object'],
    [
      '{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":null}]}',
      "input 'X': expected exactly one of \"data\" and parameter 'binary_data_size', but no field is set; send one",
    ],
    [
      '{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3,4],"parameters":{"binary_data_size":16}}]}',
      "input 'X': expected exactly one of \"data\" and parameter 'binary_data_size', got both; leave one out",
    ],
  ])('is told which member is wrong: %s', (body, problem) => {
    expect(decode(body, IRIS)).toEqual({ ok: false, code: 'invalid-body', problem });
  });

  it.each([
    ['"priority":-1', "expected parameter 'priority' to be an integer from 0 to 2^64-1, got -1"],
    [
      '"timeout":1.5',
      "expected parameter 'timeout' to be an integer from 0 to 2^64-1, got a number with a fraction or an exponent",
    ],
    ['"timeout":"5"', "expected parameter 'timeout' to be an integer from 0 to 2^64-1, got a string"],
    [
      '"timeout":NaN',
      "expected parameter 'timeout' to be an integer from 0 to 2^64-1, got a number with a fraction or an exponent",
    ],
    ['"binary_data_output":1', "expected parameter 'binary_data_output' to be true or false, got 1"],
    ['"x":null', "expected parameter 'x' to be a string, a number or a boolean, got null"],
    ['"x":[1]', "expected parameter 'x' to be a string, a number or a boolean, got an array"],
    ['"x":{}', "expected parameter 'x' to be a string, a number or a boolean, got an object"],
    ['"triton_x":1', "parameter 'triton_x' is reserved for Triton usage; leave it out"],
    ['"sequence_start":1', "expected parameter 'sequence_start' to be true or false, got 1"],
    ['"sequence_id":-1', "expected parameter 'sequence_id' to be an integer from 0 to 2^64-1, got -1"],
  ])('is told which parameter is wrong: %s', (parameter, problem) => {
    expect(decode(`{"parameters":{${parameter}},"inputs":[${X}]}`, IRIS)).toEqual({
      ok: false,
      code: 'invalid-body',
      problem: `The request: ${problem}`,
    });
  });

  it.each(['"sequence_id":1', '"sequence_id":"a"', '"sequence_start":true', '"sequence_end":true'])(
    'is told that there are no sequences: %s',
    (parameter) => {
      expect(decode(`{"parameters":{${parameter}},"inputs":[${X}]}`, IRIS)).toMatchObject({
        code: 'invalid-body',
        problem: expect.stringContaining('asks for a sequence, which this server does not offer'),
      });
    },
  );

  it.each([
    `{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","parameters":{"shared_memory_region":"r","shared_memory_byte_size":16}}]}`,
    `{"inputs":[${X}],"outputs":[{"name":"label","parameters":{"shared_memory_region":"r"}}]}`,
  ])('is told that there is no shared memory: %s', (body) => {
    expect(decode(body, IRIS)).toMatchObject({
      code: 'invalid-body',
      problem: expect.stringContaining("parameter 'shared_memory_region' asks for shared memory, which this server"),
    });
  });

  it.each([
    ['{"inputs":[]}', "expected 1 inputs but got 0 inputs: got none, missing 'X'; send every input once"],
    [
      `{"inputs":[${X},{"name":"Z"},{"name":"Q"}]}`,
      "expected 1 inputs but got 3 inputs: got 'X', the model has 'X'; send every input once",
    ],
    [`{"inputs":[${X},${X}]}`, "input 'X' already exists in request; send every input once"],
    [`{"inputs":[${X.replace('X', 'Z')}]}`, "unexpected inference input 'Z' for model; its inputs are 'X'"],
    [
      `{"inputs":[${X}],"outputs":[{"name":"DUMMY"}]}`,
      "unexpected inference output 'DUMMY' for model; its outputs are 'label', 'scores'",
    ],
    [
      `{"inputs":[${X}],"outputs":[{"name":"label"},{"name":"label"}]}`,
      "output 'label' already exists in request; name every output once",
    ],
  ])('[case 33] is told which name is wrong: %s', (body, problem) => {
    expect(decode(body, IRIS)).toEqual({ ok: false, code: 'invalid-body', problem });
  });

  it.each([
    ['FP64', [1, 4], "input 'X' has datatype FP64, the model takes FP32; convert it"],
    ['FP32', [4], "unexpected shape for input 'X': expected FP32[?, 4], got FP32[4]; -1 or ? takes any size"],
    ['FP32', [4, 1], "unexpected shape for input 'X': expected FP32[?, 4], got FP32[4, 1]; -1 or ? takes any size"],
    ['FP32', [1, 5], "input 'X': shape does not match true shape of 'data' field: expected 5 elements, got 4"],
    ['FP32', [1, 3], "Shape does not match true shape of 'data' field of input 'X': expected 3 elements, got more"],
    ['FP32', [0, 4], "Shape does not match true shape of 'data' field of input 'X': expected 0 elements, got more"],
  ])('[cases 33, 35] is told that %s %j does not fit', (datatype, shape, problem) => {
    expect(decode(requestForX(datatype, shape, '[1,2,3,4]'), IRIS)).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem,
    });
  });

  it.each([
    ['[2,-5]', 'the size of axis 1 is -5, it must be 0 or more'],
    ['[-1,4]', 'the size of axis 0 is -1, it must be 0 or more'],
    ['[1,4.0]', 'the size of axis 1 must be an unsigned integer, got another number'],
    ['[1,4e0]', 'the size of axis 1 must be an unsigned integer, got another number'],
    ['[1,NaN]', 'the size of axis 1 must be an unsigned integer, got another number'],
    ['[1,"4"]', 'the size of axis 1 must be an unsigned integer, got a string'],
    ['[1,[4]]', 'the size of axis 1 must be an unsigned integer, got an array'],
    ['[16,1152921504606846978]', 'the element count of its shape is above 2^63-1'],
    ['[4,1152921504606846978]', 'byte size overflow: its shape takes more than 2^63-1 bytes'],
    [`[1${'0'.repeat(400)},4]`, 'the element count of its shape is above 2^63-1'],
    ['[0,2147483648]', 'axis 1 is longer than 2147483647, the longest that is taken'],
    ['[0,9007199254740993]', 'axis 1 is longer than 2147483647, the longest that is taken'],
    [`[${'1,'.repeat(64)}1]`, 'its shape has more than 64 axes'],
  ])('[case 34] is told that the shape %s is none, before memory is asked for', (shape, problem) => {
    const body = `{"inputs":[{"name":"X","shape":${shape},"datatype":"FP32","data":[1]}]}`;
    expect(decode(body, IRIS)).toMatchObject({
      ok: false,
      code: 'tensor-mismatch',
      problem: expect.stringContaining(`input 'X': ${problem}`),
    });
  });

  it.each([
    ['UINT8', '256', 'expected a number from 0 to 255 for UINT8'],
    ['UINT8', '-1', 'expected a number from 0 to 255 for UINT8'],
    ['INT32', '2147483648', 'expected a number from -2147483648 to 2147483647 for INT32'],
    ['INT64', '9223372036854775808', 'expected a number from -9223372036854775808 to 9223372036854775807 for INT64'],
    ['UINT64', '18446744073709551616', 'expected a number from 0 to 18446744073709551615 for UINT64'],
    ['UINT64', '9'.repeat(1_000_000), 'expected a number from 0 to 18446744073709551615 for UINT64'],
    ['INT32', '1.0', 'expected a whole number for INT32'],
    ['INT64', '1e3', 'expected a whole number for INT64'],
    ['INT32', 'NaN', 'expected a whole number for INT32'],
    ['INT64', '"9007199254740993"', 'expected a number, got a string'],
    ['INT32', 'true', 'expected a number, got a boolean'],
    ['INT32', 'null', 'expected a number, got null'],
    ['INT32', '{}', 'expected a number, got an object'],
    ['BOOL', '1', 'expected a boolean, got a number'],
    ['FP32', '1e39', 'expected a number that FP32 can hold, below 3.4028235677973366e+38'],
    ['FP32', '1e309', 'expected a number that FP32 can hold, below 3.4028235677973366e+38'],
    ['FP64', '-1e309', 'expected a number that FP64 can hold'],
    ['FP32', '"1"', 'expected a number, got a string'],
    ['BYTES', '1', 'expected a string, got a number'],
    ['BYTES', '"a\\u0000b"', 'expected a string without the character U+0000'],
    ['BYTES', '"\\ud800"', 'expected a string of whole characters, got half a surrogate pair'],
  ] as const)('[case 38] is not made to fit %s', (datatype, element, problem) => {
    expect(decode(requestForX(datatype, [3], `[${element},0,0]`), identity(datatype, -1))).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem: `input 'X': data element 0: ${problem}`,
    });
  });

  it.each([
    ['FP16', "input 'X' is FP16, which has no form in JSON; send it as binary data with parameter 'binary_data_size'"],
    ['BF16', "input 'X': datatype 'BF16' is not one of those that are served: BOOL, UINT8, UINT16, UINT32, UINT64,"],
    ['INT322', "input 'X': datatype 'INT322' is not one of those that are served"],
    ['toString', "input 'X': datatype 'toString' is not one of those that are served"],
  ])('is told that %s is not read from JSON', (datatype, problem) => {
    const result = decode(requestForX(datatype, [1], '[1]'), identity('FP16', -1));
    expect(result).toMatchObject({ code: 'tensor-mismatch', problem: expect.stringContaining(problem) });
  });

  it('is told that an FP16 output has no form in JSON', () => {
    const model = signature([spec('X', 'FP32', -1)], [spec('Y', 'FP16', -1)]);
    const request = (more: string): string => requestForX('FP32', [1], '[1]', more);
    const problem =
      'output \'Y\' is FP16, which has no form in JSON; ask for it with "parameters":{"binary_data":true}';
    expect(decode(request(''), model)).toEqual({ ok: false, code: 'tensor-mismatch', problem });
    expect(decode(request(',"outputs":[{"name":"Y"}]'), model)).toMatchObject({ problem });
    expect(decode(request(',"outputs":[{"name":"Y","parameters":{"binary_data":true}}]'), model).ok).toBe(true);
    expect(decode(request(',"parameters":{"binary_data_output":true}'), model).ok).toBe(true);
  });

  it('is told that a text is not classified', () => {
    const model = signature([spec('X', 'FP32', -1)], [spec('Y', 'BYTES', -1)]);
    const more = ',"outputs":[{"name":"Y","parameters":{"classification":2}}]';
    expect(decode(requestForX('FP32', [1], '[1]', more), model)).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem:
        "output 'Y': class result not available for output due to unsupported type 'BYTES'; leave \"classification\" out",
    });
  });

  it.each([
    '',
    ' ',
    '{"inputs":[',
    '{"inputs":[{"name":',
    '{"inputs":[{"name":"X"',
    '{"inputs":[{"name":"X","shape":[',
    '{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,',
    '{"inputs":[{"name":"X","parameters":{"own":',
    `{"inputs":[${X}]} x`,
    `{"inputs":[${X}],}`,
    `{"__proto__":{},"inputs":[${X}]}`,
    `{"inputs":[${X}],"own":{"constructor":{"prototype":{}}}}`,
    `\ufeff{"inputs":[${X}]}`,
    requestForX('FP32', [1], '[Inf]'),
  ])('[cases 18, 21, 22] is refused as JSON: %s', (body) => {
    expect(decode(body, IRIS)).toMatchObject({ ok: false, code: 'invalid-json' });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('[case 24] is refused for a member that comes twice', () => {
    expect(decode(`{"inputs":[],"inputs":[${X}]}`, IRIS)).toMatchObject({
      code: 'invalid-json',
      problem: expect.stringContaining('the member "inputs" appears twice'),
    });
    expect(decode(`{"inputs":[${X.replace('{', '{"data":[9,9,9,9],')}]}`, IRIS)).toMatchObject({
      code: 'invalid-json',
    });
  });

  it.each([98, 101, 100_000])('[case 25] is refused for data nested %d deep', (depth) => {
    for (const datatype of ['FP32', 'BYTES', 'INT64'] as const) {
      const body = requestForX(datatype, [0], '['.repeat(depth) + ']'.repeat(depth));
      expect(decode(body, identity(datatype, -1))).toMatchObject({
        code: 'invalid-json',
        problem: expect.stringContaining('nested deeper than the limit of 100 levels'),
      });
    }
  });

  it('[case 31] is refused for a million inputs, outputs or names at the pace of reading', () => {
    const many = (entry: string): string => `${entry},`.repeat(1_000_000).slice(0, -1);
    const startedMs = performance.now();
    expect(decode(`{"inputs":[${many('{"name":"A"}')}]}`, IRIS).ok).toBe(false);
    expect(decode(`{"inputs":[${X},${many('{"name":"A"}')}]}`, IRIS)).toMatchObject({
      problem: expect.stringContaining('expected 1 inputs but got 1000001 inputs'),
    });
    expect(decode(`{"inputs":[${X}],"outputs":[${many('{"name":"label"}')}]}`, IRIS)).toMatchObject({
      problem: expect.stringContaining("output 'label' already exists"),
    });
    // With a time that grows with the square it would be hours.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  it('[cases 13, 153] is told a long or strange name on one line', () => {
    const { problem } = decode(`{"inputs":[${X}],"outputs":[{"name":"a\\r\\nb${'c'.repeat(1000)}"}]}`, IRIS) as {
      problem: string;
    };
    expect(problem).toMatch(
      /^unexpected inference output 'a\\r\\nbc{56}…' for model; its outputs are 'label', 'scores'$/,
    );
  });

  it('tells at most ten names of a model', () => {
    const names = Array.from({ length: 12 }, (_, index) => `i${index}`);
    const model = signature(names.map((name) => spec(name, 'FP32', -1)));
    expect(decode('{"inputs":[]}', model)).toMatchObject({ problem: expect.stringContaining("'i9' and 2 more; send") });
  });

  it('is told that the rows of a batch differ, or that there are none', () => {
    const model = signature([spec('A', 'FP32', -1), spec('B', 'FP32', -1)]);
    const input = (name: string, shape: number[], data: number[]): object => ({ name, datatype: 'FP32', shape, data });
    expect(decode({ inputs: [input('A', [2], [1, 2]), input('B', [1], [1])] }, model, 8)).toMatchObject({
      problem: "input 'B' has 1 rows, input 'A' has 2; all must have as many",
    });
    expect(decode({ inputs: [input('A', [], [1]), input('B', [1], [1])] }, model, 8)).toMatchObject({
      problem: "input 'A' has no axes, its first must be the batch",
    });
  });

  it('looks at the outputs and at the number of inputs before it looks at datatypes', () => {
    const wrong = '{"name":"INPUT0","shape":[1],"datatype":"FP32","data":[1]}';
    expect(decode(`{"inputs":[${wrong}]}`, SIMPLE)).toMatchObject({
      problem: "expected 2 inputs but got 1 inputs: got 'INPUT0', missing 'INPUT1'; send every input once",
    });
    expect(decode(`{"inputs":[${wrong}],"outputs":[{"name":"DUMMY"}]}`, SIMPLE)).toMatchObject({
      problem: expect.stringContaining("unexpected inference output 'DUMMY' for model"),
    });
  });
});
