import { inTurns } from './in-turns';

describe('doing something with every item in turns', () => {
  it('gives the results in the order of the items, a few at once', async () => {
    let running = 0;
    let most = 0;
    const doubled = await inTurns([1, 2, 3, 4, 5, 6], 2, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return item * 2;
    });
    expect([doubled, most]).toEqual([[2, 4, 6, 8, 10, 12], 2]);
  });

  it('begins nothing more after the first failure', async () => {
    const begun: number[] = [];
    const items = Array.from({ length: 1000 }, (_, index) => index);
    const running = inTurns(items, 2, async (item) => {
      begun.push(item);
      await Promise.resolve();
      throw new Error(`item ${item}`);
    });
    await expect(running).rejects.toThrow('item 0');
    const begunAtFailure = begun.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun.length - begunAtFailure).toBeLessThanOrEqual(2);
    expect(begunAtFailure).toBeLessThan(10);
  });
});
