import fc from 'fast-check';
import { JsonCursor, MAX_JSON_DEPTH } from './json-cursor';
import { readJson } from './read-json';

const read = (text: string | Uint8Array, options = {}) =>
  readJson(typeof text === 'string' ? Buffer.from(text) : text, options);

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('reading JSON', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('"__proto__"') || text.includes('"prototype"')) return;
        expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with JSON.parse about every number', () => {
    const numberText = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,25})?([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(numberText, (text) => {
        expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
      { numRuns: 5000 },
    );
  });

  it('accepts a text exactly when JSON.parse does', () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '0',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\\',
      '\u0007',
      'NaN',
      '"a":1',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
        const text = parts.join('');
        let expected = true;
        try {
          JSON.parse(text);
        } catch {
          expected = false;
        }
        expect(read(text).ok).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['[1,]', 'The body is not valid JSON: expected a JSON value (at byte 3)'],
    ['{"a":1,}', 'The body is not valid JSON: expected a string (at byte 7)'],
    ['{"a" 1}', 'The body is not valid JSON: expected ":" (at byte 5)'],
    ['[1 2]', 'The body is not valid JSON: expected "," or "]" (at byte 3)'],
    ['[01]', 'The body is not valid JSON: a number must not start with 0 (at byte 1)'],
    ['[1.]', 'The body is not valid JSON: expected a digit after "." (at byte 3)'],
    ['[1e]', 'The body is not valid JSON: expected a digit in the exponent (at byte 3)'],
    ['[NaN]', 'The body is not valid JSON: expected a JSON value (at byte 1)'],
    ["['a']", 'The body is not valid JSON: expected a JSON value (at byte 1)'],
    ['[1] // why', 'The body is not valid JSON: expected nothing after the value (at byte 4)'],
    ['["\\x"]', 'The body is not valid JSON: a string holds an escape that JSON does not know (at byte 1)'],
    ['["a\nb"]', 'The body is not valid JSON: a control character within a string must be escaped (at byte 3)'],
    ['["abc', 'The body is not valid JSON: the text ends within a string (at byte 5)'],
    ['[[1, 2], [3', 'The body is not valid JSON: expected "," or "]" (at byte 11)'],
    ['', 'The body is not valid JSON: the text ends where a value is due (at byte 0)'],
    ['tru', 'The body is not valid JSON: expected true (at byte 0)'],
  ])('[case 21] says where %j goes wrong without repeating it', (text, problem) => {
    expect(read(text)).toEqual({ ok: false, problem });
  });

  it.each([
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['a byte order mark', Buffer.from('\ufeff{"a":1}')],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['half a surrogate as bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('[case 18] refuses %s', (_, bytes) => {
    expect(read(bytes).ok).toBe(false);
  });

  it.each([
    '{"__proto__":{"x":1}}',
    '[{"a":[{"__proto__":1}]}]',
    '{"\\u005f_proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"a":{"constructor":{"b":1,"prototype":null}}}',
  ])('[case 22] refuses %s', (text) => {
    expect(read(text).ok).toBe(false);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('takes a column that is merely called constructor', () => {
    expect(read('{"constructor":"Dallara","prototype":1}')).toMatchObject({ ok: true });
  });

  it('[case 24] refuses a member that is given twice where that matters, else keeps the last', () => {
    const twice = '{"probability":1,"probability":0}';
    expect(read(twice, { uniqueKeys: true })).toEqual({
      ok: false,
      problem: 'The body is not valid JSON: the member "probability" appears twice (at byte 17)',
    });
    expect(read(twice)).toEqual({ ok: true, value: { probability: 0 } });
    expect(read('{"a":{"b":1},"c":{"b":1}}', { uniqueKeys: true }).ok).toBe(true);
  });

  it.each([MAX_JSON_DEPTH + 1, 100_000, 5_000_000])('[case 25] refuses a depth of %d at once', (depth) => {
    const bytes = Buffer.from(nested(depth));
    expect(read(bytes)).toMatchObject({
      ok: false,
      // Where the limit is passed, whatever follows.
      problem: expect.stringMatching(/nested deeper than the limit of 100 levels.*\(at byte 101\)/),
    });
  });

  it('[case 25] takes the depth of the limit, of objects too, and of constructors in constructors', () => {
    expect(read(nested(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(read('{"a":'.repeat(100) + '1' + '}'.repeat(100)).ok).toBe(true);
    expect(read('{"constructor":'.repeat(100) + '1' + '}'.repeat(100)).ok).toBe(true);
  });
});

describe('reading integers', () => {
  const integer = (text: string) => new JsonCursor(Buffer.from(text)).readInteger();

  it.each([
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['0', 0n],
    ['-0', 0n],
    ['2.0', 2n],
    ['1e3', 1000n],
  ])('[case 37] reads %s exactly', (text, value) => {
    expect(integer(text)).toBe(value);
  });

  it.each(['1.5', '1e400', '9007199254740993.0', '1e-1'])('[case 38] does not guess an integer from %s', (text) => {
    expect(integer(text)).toBeUndefined();
  });

  it('[case 38] takes digits only where the caller asks for that', () => {
    const strict = (text: string) => new JsonCursor(Buffer.from(text), { integerTokens: true }).readInteger();
    expect(['2', '-0', '9007199254740993'].map(strict)).toEqual([2n, 0n, 9007199254740993n]);
    expect(['2.0', '2e0', '1e3', '9007199254740993.0'].map(strict)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('[case 38] does not stall on ten million digits, which no datatype holds', () => {
    const startedMs = performance.now();
    expect(integer(`-${'9'.repeat(10_000_000)}`)).toBeLessThan(-(2n ** 64n));
    // With a time that grows with the square it would be hours.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });
});

describe('numbers that are not finite', () => {
  const options = { nonFiniteNumbers: true };

  it('are read where the caller asks for them, as Python writes them', () => {
    expect(read('[NaN, Infinity, -Infinity, 1]', options)).toEqual({ ok: true, value: [NaN, Infinity, -Infinity, 1] });
  });

  it.each(['[-NaN]', '[nan]', '[Inf]', '[Infinit]', '[+1]'])('are not anything else: %s', (text) => {
    expect(read(text, options).ok).toBe(false);
  });
});
