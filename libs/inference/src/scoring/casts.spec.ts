import type { Datatype } from '../datatype';
import { toFloat16Bits } from '../float16';
import { decodeInvocation } from './decode-invocation';

const decode = (datatype: Datatype, value: string) =>
  decodeInvocation(Buffer.from(`{"inputs":[${value}]}`), 'application/json', {
    inputs: [{ name: 'X', datatype, shape: [-1] }],
    outputs: [],
    source: 'onnx',
  });

describe('casting one value', () => {
  it.each<[Datatype, string, unknown]>([
    ['FP64', '3', new Float64Array([3])],
    ['FP64', '"3"', new Float64Array([3])],
    ['FP64', '" -2.5e3 "', new Float64Array([-2500])],
    ['FP64', '".5"', new Float64Array([0.5])],
    ['FP64', '"5."', new Float64Array([5])],
    ['FP64', 'true', new Float64Array([1])],
    ['FP64', '"False"', new Float64Array([0])],
    ['FP64', 'null', new Float64Array([NaN])],
    ['FP64', 'NaN', new Float64Array([NaN])],
    ['FP64', '-Infinity', new Float64Array([-Infinity])],
    ['FP64', '"-inf"', new Float64Array([-Infinity])],
    ['FP64', '"nan"', new Float64Array([NaN])],
    ['FP32', 'Infinity', new Float32Array([Infinity])],
    ['FP32', '-0.0', new Float32Array([-0])],
    ['FP16', '"0.1"', new Uint16Array([0x2e66])],
    ['FP16', 'null', new Uint16Array([toFloat16Bits(NaN)])],
    ['INT64', '"9007199254740993"', new BigInt64Array([9007199254740993n])],
    ['INT64', '-9223372036854775808', new BigInt64Array([-9223372036854775808n])],
    ['INT64', '2.0', new BigInt64Array([2n])],
    ['INT64', '" +4 "', new BigInt64Array([4n])],
    ['UINT64', '18446744073709551615', new BigUint64Array([18446744073709551615n])],
    ['INT32', '"1e2"', new Int32Array([100])],
    ['INT32', 'true', new Int32Array([1])],
    ['UINT8', '255', new Uint8Array([255])],
    ['BOOL', '1', new Uint8Array([1])],
    ['BOOL', '0.0', new Uint8Array([0])],
    ['BOOL', 'false', new Uint8Array([0])],
    ['BOOL', '"True"', new Uint8Array([1])],
    ['BYTES', '"x"', ['x']],
    ['BYTES', '""', ['']],
    ['BYTES', '17', ['17']],
    ['BYTES', '9007199254740993', ['9007199254740993']],
    ['BYTES', '18446744073709551615', ['18446744073709551615']],
  ])('case 37: makes %s of %s without loss', (datatype, value, data) => {
    expect(decode(datatype, value)).toMatchObject({ ok: true, inputs: [{ data }] });
  });

  it.each<[Datatype, string, string]>([
    ['INT64', '1.7', 'expected a whole number for INT64. MLflow would cut the fraction; round it yourself'],
    ['INT64', '"3.5"', 'expected a whole number for INT64. MLflow would cut the fraction; round it yourself'],
    ['INT64', 'NaN', 'expected a whole number for INT64. MLflow would cut the fraction; round it yourself'],
    ['INT64', '"x"', 'expected a whole number for INT64, got a text that is none'],
    ['INT64', 'null', 'expected a whole number for INT64, got a missing value, which only floats can hold'],
    ['INT32', '3e9', 'expected a number from -2147483648 to 2147483647 for INT32'],
    ['INT32', '"3000000000"', 'expected a number from -2147483648 to 2147483647 for INT32'],
    ['UINT8', '-1', 'expected a number from 0 to 255 for UINT8'],
    ['FP32', '1e39', 'expected a number that FP32 can hold, below 3.4028235677973366e+38'],
    ['FP64', '1e400', 'expected a number that FP64 can hold'],
    ['FP64', '-1e400', 'expected a number that FP64 can hold'],
    ['FP64', '"1e400"', 'expected a number that FP64 can hold'],
    ['FP16', '65520', 'expected a number that FP16 can hold, below 65520'],
    ['FP64', '""', 'expected a number, got a text that is none'],
    ['FP64', '"1_000"', 'expected a number, got a text that is none'],
    ['FP64', '"0x10"', 'expected a number, got a text that is none'],
    ['FP64', `"${'1'.repeat(1001)}"`, 'expected a number, got a text that is none'],
    ['BOOL', '2', 'expected true or false (or 1 or 0), got another number'],
    ['BOOL', '"yes"', 'expected true or false (or 1 or 0), got another text'],
    ['BOOL', 'null', 'expected true or false (or 1 or 0), got a missing value'],
    ['BYTES', 'null', 'expected a string, got a missing value'],
    ['BYTES', '1.5', 'expected a string, got a number that is not a whole one of 64 bits: send it as a string'],
    [
      'BYTES',
      '1'.repeat(60),
      'expected a string, got a number that is not a whole one of 64 bits: send it as a string',
    ],
    ['BYTES', 'true', 'expected a string, got a boolean: send it as a string'],
    ['BYTES', '"a\\u0000"', 'expected a string without the character U+0000'],
    ['BYTES', '"\\ud800"', 'expected a string of whole characters, got half a surrogate pair'],
  ])('cases 38, 39: makes no %s of %s', (datatype, value, problem) => {
    expect(decode(datatype, value)).toEqual({
      ok: false,
      failure: {
        status: 400,
        errorCode: 'BAD_REQUEST',
        message: `inputs[0]: ${problem} (input "X" is ${datatype}[?])`,
      },
    });
  });
});
