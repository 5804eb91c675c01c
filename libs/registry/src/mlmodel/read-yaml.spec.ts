import { readYaml } from './read-yaml';

describe('YAML from outside', () => {
  it('is read as plain data, with the last of two equal keys and lists that are meant twice', () => {
    expect(readYaml('a: &list [1, x]\nb: *list\na2: 1\na2: 2\n')).toEqual({ a: [1, 'x'], b: [1, 'x'], a2: 2 });
  });

  it.each(['!!js/function "() => 1"', '!!python/object/apply:os.system ["id"]', '!<tag:evil> x'])(
    'makes nothing but data of the tag in %s',
    (text) => {
      expect(['string', 'object']).toContain(typeof readYaml(`value: ${text}`));
      expect(JSON.stringify(readYaml(`value: ${text}`))).toMatch(/^\{"value":["[]/);
    },
  );

  it('[case 67] that unfolds its aliases into gigabytes is refused', () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
        : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`,
    );
    expect(() => readYaml(levels.join('\n'))).toThrow(/alias/i);
  });

  it.each([
    ['lists in lists', '['.repeat(900_000)],
    ['blocks in blocks', '- '.repeat(400_000)],
    ['keys in keys', '? '.repeat(400_000)],
    ['many small items', `[${'1,'.repeat(400_000)}]`],
    ['many anchors', Array.from({ length: 50_000 }, (_, index) => `k${index}: &a${index} 1`).join('\n')],
  ])('[case 67] of very many tokens is refused before it is parsed: %s', (_, text) => {
    expect(() => readYaml(text)).toThrow('more than 30000 tokens');
  });

  it.each([
    ['lists', `${'['.repeat(14_000)}${']'.repeat(14_000)}`],
    ['blocks', `${'- '.repeat(14_000)}x`],
    ['maps', `${'{a: '.repeat(6000)}1${'}'.repeat(6000)}`],
  ])('[case 67] nested as deep as the tokens allow is read or refused, never a crash: %s', (_, text) => {
    let outcome = 'read';
    try {
      readYaml(text);
    } catch (error) {
      outcome = error instanceof Error ? 'refused' : 'odd';
    }
    expect(['read', 'refused']).toContain(outcome);
  });
});
