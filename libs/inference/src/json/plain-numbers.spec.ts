import fc from 'fast-check';
import { readPlainNumbers } from './plain-numbers';

const LIMIT = 3.4028235677973366e38;

function read(text: string, count: number): { readonly end: number; readonly values: number[] } {
  const target = new Float64Array(count);
  const end = readPlainNumbers(Buffer.from(`..${text}`), 2, count, LIMIT, target, 0);
  return { end: end < 0 ? end : end - 2, values: [...target] };
}

/** Numbers as clients write them: of few digits, and of as many as a double has. */
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }),
  fc.tuple(fc.maxSafeInteger(), fc.nat({ max: 20 })).map(([digits, decimals]) => digits / 10 ** decimals),
  fc.integer(),
);

describe('numbers plainly written', () => {
  it('are read as JSON.parse reads them, whatever their digits', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 8 }), fc.boolean(), (list, spaced) => {
        const text = `[${list.map((value) => JSON.stringify(value)).join(spaced ? ', ' : ',')}]`;
        if (text.includes('e')) expect(read(text, list.length).end).toBe(-1);
        else expect(read(text, list.length)).toEqual({ end: text.length, values: JSON.parse(text) as number[] });
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['[0.1,-0,0.000000000000000000001,123456789012345678901]', [0.1, -0, 1e-21, 123456789012345680000]],
    ['[9007199254740993,0.30000001192092896]', [9007199254740992, 0.30000001192092896]],
    ['[]', []],
  ])('%s is read', (text, values) => {
    expect(read(text, values.length)).toEqual({ end: text.length, values });
  });

  it.each([
    '[1]',
    '[1,2,3]',
    '[1,2',
    '[1,2,]',
    '[1,,2]',
    '[1;2]',
    '1,2]',
    '[01,2]',
    '[1.,2]',
    '[.5,2]',
    '[-,2]',
    '[+1,2]',
    '[1e2,2]',
    '[NaN,2]',
    '["1",2]',
    '[1,null]',
    '[[1],2]',
    '[1,\t2]',
    '[1 ,2]',
    '[1,  2]',
    `[1,${'9'.repeat(39)}]`,
    `[1,-${'9'.repeat(39)}]`,
    '',
  ])('%s is left to who knows all of JSON', (text) => {
    expect(read(text, 2).end).toBe(-1);
  });
});
