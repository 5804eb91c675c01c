import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { quoted, shellWord } from './quoted';

describe('a text from outside in a sentence', () => {
  it.each([
    ['iris', '"iris"'],
    ['it "is"', '"it \\"is\\""'],
    ['a\r\nb\u001b[31m', '"a\\r\\nb\\u001b[31m"'],
    ['left\u202eright', '"left\\u{202e}right"'],
    ['zero\u200bwidth', '"zero\\u{200b}width"'],
    ['\u2028', '"\\u{2028}"'],
  ])('[case 47] %j is shown as %s', (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  it('is cut to a length that a sentence can bear', () => {
    expect(quoted('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(300)}…"`);
  });
});

describe('a word of a shell command', () => {
  it('is the same text to a shell, whatever the registry calls its models', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\u0000'));
    const texts = fc.sample(words, { numRuns: 200, seed: 1 });
    const all = [...texts, "'; rm -rf /; '", '$(id)', '`id`', "it's", '', 'a b'];
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${all.map(shellWord).join(' ')}`]).toString('utf8');
    expect(printed.split('\u0000').slice(0, -1)).toEqual(all);
  });
});
