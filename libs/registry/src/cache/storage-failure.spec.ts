import { getSystemErrorMap } from 'node:util';
import { DomainError } from '@understudy/platform';
import { onDisk } from './storage-failure';

/** What the system says when a call fails, as Node hands it on. */
function systemError(code: string): Error {
  const known = [...getSystemErrorMap().values()].some(([name]) => name === code);
  if (!known) throw new Error(`${code} is no error of a system`);
  return Object.assign(new Error(`${code}: refused, write '/secret/path'`), {
    code,
    syscall: 'write',
    path: '/secret/path',
  });
}

const failing = (error: unknown) =>
  onDisk(async () => {
    throw error;
  });

describe('doing something with the disk', () => {
  it('gives what it gives', async () => {
    expect(await onDisk(async () => 5)).toBe(5);
  });

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the disk is read-only'],
    ['EACCES', 'this user may not write there'],
    ['EPERM', 'this user may not write there'],
    ['EMFILE', 'this process has too many files open'],
    ['EIO', 'the disk failed'],
    ['ENOENT', 'the system says ENOENT'],
  ])('[case 113] that ends with %s says that %s, and no path', async (code, reason) => {
    const error = await failing(systemError(code)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining(`could not be written: ${reason}. Nothing was changed`),
    });
    expect((error as Error).message).not.toContain('/secret');
  });

  it.each([[new DomainError('registry-bad-answer', 'too long')], [new TypeError('a mistake')], [undefined]])(
    'passes on what the disk did not say: %s',
    async (error) => {
      await expect(failing(error)).rejects.toBe(error);
    },
  );
});
