import type { Datatype } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import { decodeInvocation } from './decode-invocation';

const model = (datatype: Datatype, columns: readonly string[]): ModelSignature => ({
  inputs: [{ name: 'X', datatype, shape: [-1, columns.length] }],
  outputs: [],
  source: 'mlmodel',
  columns,
});
const AB = model('FP64', ['a', 'b']);
const TEXTS = model('BYTES', ['a', 'b']);
const MIXED: ModelSignature = {
  inputs: [
    { name: 'age', datatype: 'FP32', shape: [-1, -1] },
    { name: 'city', datatype: 'BYTES', shape: [-1] },
  ],
  outputs: [],
  source: 'mlmodel',
};

const decode = (text: string | Buffer, signature: ModelSignature) =>
  decodeInvocation(Buffer.from(text as string), 'text/csv', signature);

describe('reading CSV', () => {
  it.each([
    ['with LF', 'a,b\n1,2\n3,4\n'],
    ['with CR LF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['with CR', 'a,b\r1,2\r3,4\r'],
    ['without a last line end', 'a,b\n1,2\n3,4'],
    ['with empty lines', '\n\na,b\n\n1,2\n\n\n3,4\n\n'],
    ['with columns in another order, and more', 'b,z,a\n2,"x,y",1\n4,,3\n'],
    ['in quotes', '"a","b"\n"1","2"\n"3","4"\n'],
    ['with spaces around numbers', 'a,b\n 1 ,2\n3,\t4\n'],
    ['with the mark that Excel writes', '\ufeffa,b\n1,2\n3,4\n'],
    ['with the index of a data frame', ',a,b\n0,1,2\n1,3,4\n'],
    ['with the names that pandas gives to columns without', '0,1\n1,2\n3,4\n'],
  ])('takes rows %s', (_, text) => {
    expect(decode(text, AB)).toMatchObject({
      ok: true,
      rows: 2,
      inputs: [{ shape: [2, 2], data: new Float64Array([1, 2, 3, 4]) }],
    });
  });

  it('takes an empty cell, and the words of pandas for it, as a missing value', () => {
    expect(decode('a,b\n,""\nNA,null\nnan,inf\n', AB)).toMatchObject({
      inputs: [{ data: new Float64Array([NaN, NaN, NaN, NaN, NaN, Infinity]) }],
    });
  });

  it('keeps texts as they are', () => {
    expect(decode('a,b\n001,"x,""y""\r\n z"\nNA,""\n é,"1"\n', TEXTS)).toMatchObject({
      inputs: [{ data: ['001', 'x,"y"\r\n z', 'NA', '', ' é', '1'] }],
    });
  });

  it('feeds several inputs by name', () => {
    expect(decode('city,age\n"Oslo, N",3.5\nRīga,4\n', MIXED)).toMatchObject({
      rows: 2,
      inputs: [
        { shape: [2, 1], data: new Float32Array([3.5, 4]) },
        { shape: [2], data: ['Oslo, N', 'Rīga'] },
      ],
    });
  });

  it.each([
    ['', 'BAD_REQUEST', 'The CSV is empty. Send a line with the names of the columns, then the rows'],
    ['\n\n', 'BAD_REQUEST', 'The CSV is empty. Send a line with the names of the columns, then the rows'],
    ['a,b\n', 'INVALID_PARAMETER_VALUE', 'The CSV holds no rows below the names of the columns; send at least one'],
    ['a,b\n1,2\n\n3\n', 'BAD_REQUEST', 'Row 2 of the CSV (line 4): expected 2 cells, got 1'],
    ['a,b\n1,2,3\n', 'BAD_REQUEST', 'Row 1 of the CSV (line 2): expected 2 cells, got 3'],
    ['a,b\n1,"2\n', 'BAD_REQUEST', 'Line 2 of the CSV opens a quote that is never closed'],
    [
      'a,b\n1,"2"x\n',
      'BAD_REQUEST',
      'Line 2 of the CSV has text after a closing quote. Double the quotes within a cell',
    ],
    ['a,b,a\n1,2,3\n', 'BAD_REQUEST', 'The column "a" is given twice. Send each column once'],
    [
      'a;b\n1;2\n',
      'INVALID_PARAMETER_VALUE',
      'Missing columns: "a", "b"; the model does not take "a;b". Send every one of the model\'s columns: "a", "b"',
    ],
    [
      'a,b\n1,x\n',
      'BAD_REQUEST',
      'Row 1 of the CSV, column 2: expected a number, got a text that is none (column "b" of input "X", FP64[?, 2])',
    ],
  ])('says what is wrong with %j', (text, errorCode, message) => {
    expect(decode(text, AB)).toEqual({ ok: false, failure: { status: 400, errorCode, message } });
  });

  it('says that a text is missing, and that a whole number is', () => {
    expect(decode('a,b\nx,\n', TEXTS)).toMatchObject({
      failure: {
        message:
          'Row 1 of the CSV, column 2: expected a string, got a missing value (column "b" of input "X", BYTES[?, 2])',
      },
    });
    expect(decode('a\n\n,\n', model('INT64', ['a']))).toMatchObject({ ok: false });
  });

  it('guesses that a first column without a name is an index where names do not tell', () => {
    const unnamed: ModelSignature = { ...AB, columns: undefined } as unknown as ModelSignature;
    expect(decode(',a,b\n0,1,2\n', unnamed)).toMatchObject({
      failure: {
        message:
          'Expected 2 columns for input "X", FP64[?, 2], got 3: "", "a", "b". The first has no name: is it the index of a data frame? Leave it out',
      },
    });
  });

  it('feeds no tensor of higher rank', () => {
    const image: ModelSignature = {
      inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 2, 2] }],
      outputs: [],
      source: 'onnx',
    };
    expect(decode('X\n1\n', image)).toMatchObject({
      failure: { message: expect.stringContaining('expected the arrays of a row, which a cell of text cannot hold') },
    });
  });

  it('case 35: is not slowed down by a million quotes', () => {
    const startedMs = performance.now();
    expect(decode(`a,b\n${'"'.repeat(1_000_001)}`, TEXTS).ok).toBe(false);
    // With a time that grows with the square it would be hours.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });
});
