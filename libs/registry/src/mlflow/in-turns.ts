import pLimit from 'p-limit';

/** Does something with every item, a few at once, in the order of the items. After the first failure no further one is begun. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  action: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit(atOnce);
  try {
    return await Promise.all(items.map((item) => limit(() => action(item))));
  } finally {
    limit.clearQueue();
  }
}
