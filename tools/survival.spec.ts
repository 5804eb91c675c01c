import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `[case 7]`, `[cases 7, 80b]`. */
const CARRIED = /\[cases? ([0-9b, ]+)\]/g;

const read = (path: string): string => readFileSync(path, 'utf8');

function testFiles(): string[] {
  return ['apps', 'libs', 'test'].flatMap((folder) =>
    readdirSync(join(process.cwd(), folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => !name.includes('node_modules') && /\.spec\.tsx?$|[\\/]contract\.ts$|[\\/]test_\w+\.py$/.test(name),
      )
      .map((name) => join(process.cwd(), folder, name)),
  );
}

describe('docs/survival.md', () => {
  const carried = new Set(
    testFiles().flatMap((file) =>
      [...read(file).matchAll(CARRIED)].flatMap(([, cases]) => (cases as string).split(',').map((one) => one.trim())),
    ),
  );
  const listed = [...read(join(process.cwd(), 'docs', 'survival.md')).matchAll(/^\| (\d+b?) +\|/gm)].map(
    ([, number]) => number as string,
  );

  it('lists each case once', () => {
    expect(listed.length).toBeGreaterThan(60);
    expect(listed).toEqual([...new Set(listed)]);
  });

  it('lists no case that no test carries', () => {
    expect(listed.filter((number) => !carried.has(number))).toEqual([]);
  });
});
