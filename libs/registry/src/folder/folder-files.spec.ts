import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import { FolderFiles } from './folder-files';

const folder = temporaryFolder('folder-files');
const signal = new AbortController().signal;
/** Longer than one piece, and no piece like another. */
const WEIGHTS = Array.from({ length: 100_000 }, (_, at) => String(at).padStart(6)).join('');

let root: string;
let files: FolderFiles;
let count = 0;

beforeEach(() => {
  root = join(folder.path, String(count++));
  mkdirSync(join(root, 'data', 'deep'), { recursive: true });
  writeFileSync(join(root, 'model.onnx'), 'graph');
  writeFileSync(join(root, 'data', 'deep', 'weights'), WEIGHTS);
  files = new FolderFiles(root);
});

afterAll(() => {
  folder.remove();
});

const refused = (why: string) => ({ code: 'unsafe-model-files', message: expect.stringContaining(why) });

async function read(path: string, from?: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of from ?? (await files.open(path, signal))) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks).toString();
}

describe('the files of a version in a folder', () => {
  it('are listed with their sizes and read whole', async () => {
    expect([...(await files.list(signal))].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'data/deep/weights', bytes: 600_000 },
      { path: 'model.onnx', bytes: 5 },
    ]);
    expect(await read('data/deep/weights')).toBe(WEIGHTS);
    expect(await read('model.onnx')).toBe('graph');
  });

  it('come in the same memory, piece after piece', async () => {
    const places = new Set<ArrayBufferLike>();
    let pieces = 0;
    for await (const { buffer } of await files.open('data/deep/weights', signal)) {
      places.add(buffer);
      pieces++;
    }
    expect([pieces, places.size]).toEqual([3, 1]);
  });

  it('are closed when the reader leaves early', async () => {
    for await (const chunk of await files.open('data/deep/weights', signal)) {
      expect(chunk.byteLength).toBe(256 * 1024);
      break;
    }
    expect(await read('data/deep/weights')).toHaveLength(600_000);
  });

  it('are read no further when the fetch is ended', async () => {
    const controller = new AbortController();
    const reason = new Error('the server stops');
    const reading = (await files.open('data/deep/weights', controller.signal))[Symbol.asyncIterator]();
    expect((await reading.next()).done).toBe(false);
    controller.abort(reason);
    await expect(reading.next()).rejects.toBe(reason);
    await expect(files.list(controller.signal)).rejects.toBe(reason);
  });

  it.each(['a symbolic link to a file outside', 'a symbolic link to a file inside'])(
    'are refused with %s',
    async (kind) => {
      const target = kind.endsWith('outside') ? '/etc/passwd' : join(root, 'model.onnx');
      symlinkSync(target, join(root, 'link'));
      await expect(files.list(signal)).rejects.toMatchObject(
        refused('"link" of the version was refused: it is not a plain'),
      );
      await expect(files.open('link', signal)).rejects.toMatchObject(refused('it is reached through a link'));
    },
  );

  it('are refused through a folder that is a symbolic link', async () => {
    symlinkSync('/etc', join(root, 'etc'));
    await expect(files.list(signal)).rejects.toMatchObject(refused('it is not a plain file'));
    await expect(files.open('etc/passwd', signal)).rejects.toMatchObject(refused('it is reached through a link'));
  });

  it('are refused with a second name on the disk', async () => {
    writeFileSync(join(folder.path, 'outside'), 'secret');
    linkSync(join(folder.path, 'outside'), join(root, 'hard'));
    await expect(files.list(signal)).rejects.toMatchObject(refused('a hard link'));
    await expect(files.open('hard', signal)).rejects.toMatchObject(refused('a hard link'));
  });

  it('are refused with a pipe, without waiting for it', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await expect(files.list(signal)).rejects.toMatchObject(refused('it is not a plain file'));
    await expect(files.open('pipe', signal)).rejects.toMatchObject(refused('it is not a plain file'));
  });

  it.each(['../../../etc/passwd', '/../model.onnx', '..'])('[case 53] are not read outside of it: %s', async (path) => {
    await expect(files.open(path, signal)).rejects.toMatchObject({
      code: expect.stringMatching(/^(unsafe|registry)-/),
    });
  });

  it('that are gone make the registry unavailable, and no path is told', async () => {
    const failure = await files.open('gone', signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'registry-unavailable' });
    expect((failure as Error).message).not.toContain(folder.path);
    await expect(new FolderFiles(join(root, 'gone')).list(signal)).rejects.toMatchObject({
      code: 'registry-unavailable',
    });
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('that the disk fails to read half-way make the registry unavailable', async () => {
    // This one opens like a plain file, and reading its beginning is an input/output error.
    const memory = await new FolderFiles('/proc/self').open('mem', signal);
    await expect(read('mem', memory)).rejects.toMatchObject({ code: 'registry-unavailable' });
  });

  it('[case 54] are refused when they are more than 10,000', async () => {
    for (let index = 0; index < 10_000; index++) mkdirSync(join(root, String(index)));
    await expect(files.list(signal)).rejects.toMatchObject(refused('it is one of more than 10000'));
  });
});
