import { bodyMemory, reuseBodyMemory } from './body-memory';

const IMAGE_BYTES = 602_112;

const take = (bytes: number, alignedAt = 0): Buffer => {
  const body = bodyMemory(bytes, alignedAt);
  if (body === undefined) throw new Error('no memory for this size');
  return body;
};

describe('memory for large bodies', () => {
  it.each([1, 32 * 1024 - 1, 4 * 1024 * 1024 + 1])('is not for a body of %d bytes', (bytes) => {
    expect(bodyMemory(bytes, 0)).toBeUndefined();
  });

  it.each([0, 1, 7, 8, 141])('has byte %d where every element type may begin', (alignedAt) => {
    const body = take(IMAGE_BYTES, alignedAt);
    expect([body.length, (body.byteOffset + alignedAt) % 8]).toEqual([IMAGE_BYTES, 0]);
  });

  it('is handed out again once it came back, and never to two at a time', () => {
    const first = take(IMAGE_BYTES);
    reuseBodyMemory(first);
    reuseBodyMemory(first);
    const second = take(IMAGE_BYTES);
    const third = take(IMAGE_BYTES);
    expect([second.buffer === first.buffer, third.buffer === first.buffer]).toEqual([true, false]);
  });

  it('is not made of what is something else', () => {
    const foreign = Buffer.alloc(IMAGE_BYTES);
    reuseBodyMemory(foreign);
    expect(take(IMAGE_BYTES).buffer).not.toBe(foreign.buffer);
  });

  it('does not go to a body that needs much less', () => {
    const large = take(4 * IMAGE_BYTES);
    reuseBodyMemory(large);
    expect(take(IMAGE_BYTES).buffer).not.toBe(large.buffer);
  });
});
