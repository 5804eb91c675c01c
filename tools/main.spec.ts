import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../test/support/temporary-folder';

/** A built application in small: says a number, and whether it was compiled for that. */

const folder = temporaryFolder('bundle');
const PROGRAM = join(realpathSync(folder.path), 'main.mjs');
const KEPT = join(folder.path, 'bundle.compiled');

beforeAll(() => {
  copyFileSync(join(process.cwd(), 'tools', 'main.mjs'), PROGRAM);
});

afterAll(() => {
  folder.remove();
});

function bundle(answer: number): void {
  const code = `globalThis.answer = (function () { return ${answer}; })(); globalThis.place = [__filename, __url];`;
  writeFileSync(join(folder.path, 'bundle.cjs'), code);
}

/** What the bundle answered, whether it was started from what was kept, and where it believes to be. */
function start({ flags = [], then = '' }: { readonly flags?: readonly string[]; readonly then?: string } = {}) {
  const code = `
    const main = await import('./main.mjs');
    console.log(JSON.stringify([globalThis.answer, main.isFromKept, ...globalThis.place]));
    ${then}`;
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', code], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const [answer, isFromKept, ...place] = JSON.parse(stdout) as [number, boolean, string, string];
  expect(place).toEqual([PROGRAM, pathToFileURL(PROGRAM).href]);
  return [answer, isFromKept];
}

const keep = (): unknown => start({ then: 'main.keepCompiled();' });

describe('a built application', () => {
  beforeEach(() => {
    bundle(41);
    keep();
  });

  it('starts from what was compiled before', () => {
    expect(start()).toEqual([41, true]);
    expect(existsSync(`${KEPT}.new`)).toBe(false);
  });

  it('is compiled where nothing was kept', () => {
    rmSync(KEPT);
    expect(start()).toEqual([41, false]);
  });

  it('is compiled when it has changed, though it is as long as before', () => {
    bundle(42);
    expect(start()).toEqual([42, false]);
  });

  it.each(['in its digest', 'in its code', 'at its end'])('is compiled when what was kept is damaged %s', (where) => {
    const kept = readFileSync(KEPT);
    if (where === 'at its end') writeFileSync(KEPT, kept.subarray(0, -8));
    else {
      const at = where === 'in its code' ? kept.length - 40 : 3;
      kept[at] = (kept[at] ?? 0) ^ 1;
      writeFileSync(KEPT, kept);
    }
    expect(start()).toEqual([41, false]);
  });

  it('is compiled under other flags of V8', () => {
    expect(start({ flags: ['--no-opt'] })).toEqual([41, false]);
  });
});
