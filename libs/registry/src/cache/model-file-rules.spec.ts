import fc from 'fast-check';
import type { ModelFile } from '../model-registry';
import { checkListing, checkPath } from './model-file-rules';

const file = (path: string, bytes: number | null = 1): ModelFile => ({ path, bytes });
const list = (files: readonly ModelFile[], maxBytes = 1000) => {
  checkListing(files, maxBytes);
};
const refused = (message: unknown): Error => expect.objectContaining({ code: 'unsafe-model-files', message }) as Error;

describe('the path of a file', () => {
  it.each([
    'MLmodel',
    'model.onnx',
    'data/weights.bin',
    'a b/c d',
    '..m',
    'model..1',
    '.gitkeep',
    '100%',
    'con-fig',
    'ä',
  ])('%s is taken', (path) => {
    expect(() => {
      checkPath(path);
    }).not.toThrow();
  });

  it.each([
    ['a parent', '../../etc/passwd'],
    ['a parent in the middle', 'a/../../b'],
    ['the folder itself', '.'],
    ['nothing', ''],
    ['an absolute path', '/etc/passwd'],
    ['an empty piece', 'a//b'],
    ['a folder', 'a/'],
    ['an encoded separator', '..%2fx'],
    ['encoded dots', '%2e%2e/x'],
    ['twice encoded dots', '%252e%252e/x'],
    ['encoding that a stripped tab completes', '%2%0952e/x'],
    ['encoding of an encoding of a separator', 'a%25252fb'],
    ['an encoded NUL', 'a%00.onnx'],
    ['a backslash', '..\\x'],
    ['an encoded backslash', '..%5cx'],
    ['a drive', 'C:/x'],
    ['a drive without a slash', 'C:x'],
    ['an encoded drive', 'C%3a/x'],
    ['a share', '\\\\server\\share'],
    ['NUL', 'a\u0000b'],
  ])('[case 53] that is %s is refused', (_, path) => {
    expect(() => {
      checkPath(path);
    }).toThrow(refused(expect.stringContaining("could lead outside the model's folder")));
  });

  it.each([
    ['a device', 'con'],
    ['a device with an ending', 'nul.onnx'],
    ['a device in a folder', 'data/COM1/x'],
    ['an encoded device', 'c%6fn'],
    ['300 characters', 'x'.repeat(300)],
    ['300 bytes', 'é'.repeat(150)],
    ['a line break', 'a\nb'],
    ['an escape sequence', 'a\u001b[31mb'],
    ['half a character', 'a\ud800'],
    ['an option of a command', '-rf'],
    ['an ending that some disks drop', 'model.onnx.'],
    ['a blank ending', 'model.onnx '],
  ])('[case 57] with %s is refused', (_, path) => {
    expect(() => {
      checkPath(path);
    }).toThrow(refused(expect.any(String)));
  });

  it('[case 54] is at most 20 levels deep', () => {
    expect(() => {
      checkPath(`${'a/'.repeat(19)}b`);
    }).not.toThrow();
    expect(() => {
      checkPath(`${'a/'.repeat(20)}b`);
    }).toThrow(refused(expect.stringContaining('deeper than 20 levels')));
  });

  it('[case 57] is repeated cut and escaped', () => {
    const long = `\u202e${'x'.repeat(100_000)}`;
    expect(() => {
      checkPath(long);
    }).toThrow(refused(expect.stringMatching(/"\\u\{202e\}x{299}…"/)));
  });

  it('[case 58] that is taken stays in its folder, whatever undoes its encoding', () => {
    const pieces = fc.constantFrom(
      '.',
      '..',
      'a',
      '/',
      '%',
      '2e',
      '2f',
      '25',
      '5c',
      '\\',
      '%2e',
      '%2f',
      '%252e',
      '%00',
    );
    const paths = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    let taken = 0;
    fc.assert(
      fc.property(paths, (path) => {
        try {
          checkPath(path);
        } catch {
          return;
        }
        taken++;
        let decoded = path;
        for (let layer = 0; layer < 12; layer++) {
          const names = decoded.split(/[/\\]/);
          expect(names.filter((name) => name === '..' || name === '.' || name === '' || name.includes('\0'))).toEqual(
            [],
          );
          decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
        }
      }),
      { numRuns: 5000, seed: 1 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});

describe('a listing', () => {
  it('of a model folder is taken', () => {
    expect(() => {
      list([file('MLmodel', 300), file('model.onnx', 500), file('data/weights.bin', null), file('data/more.bin', 0)]);
    }).not.toThrow();
  });

  it.each([
    ['the same path twice', ['a', 'a']],
    ['paths that differ in case', ['Model.onnx', 'model.ONNX']],
    ['paths that differ in how an accent is written', ['caf\u00e9', 'cafe\u0301']],
  ])('[case 57] with %s is refused', (_, paths) => {
    expect(() => {
      list(paths.map((path) => file(path)));
    }).toThrow(refused(expect.stringMatching(/two of its files are called .* on some disks$/)));
  });

  it.each([
    ['a', ['a', 'a/b']],
    ['a, named later', ['a/b/c', 'A/B']],
  ])('[case 54] with a file that is also a folder is refused: %s', (_, paths) => {
    expect(() => {
      list(paths.map((path) => file(path)));
    }).toThrow(refused(expect.stringMatching(/is both a file and a folder$/)));
  });

  it('[case 54] of more than 10,000 files is refused before their names are looked at', () => {
    const files = Array.from({ length: 10_001 }, () => file('../evil'));
    expect(() => {
      list(files);
    }).toThrow(refused('The version was refused: it lists 10001 files; at most 10000 are taken'));
  });

  it.each([-1, 1.5, NaN, Infinity, 2 ** 53])('[case 55] with a file of %d bytes is refused', (bytes) => {
    expect(() => {
      list([file('model.onnx', bytes)]);
    }).toThrow(refused('The version was refused: the file "model.onnx" has no size that can be'));
  });

  it('[case 55] of more bytes than are allowed together is refused before any is fetched', () => {
    expect(() => {
      list([file('a', 600), file('b', 401)]);
    }).toThrow(
      refused('The version was refused: its files have 1001 bytes together; UNDERSTUDY_MAX_MODEL_BYTES allows 1000'),
    );
    expect(() => {
      list([file('a', 600), file('b', 400), file('c', null)]);
    }).not.toThrow();
  });
});
