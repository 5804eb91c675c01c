import { Logger, SystemClock } from '@understudy/platform';
import { type DatabasePlace, Store, StoreSettings } from '@understudy/store';

// Changes one deployment as fast as it can and says each generation once it is acknowledged: so many times, or until it is killed.
const place = JSON.parse(process.argv[2] ?? '') as DatabasePlace;
const store = await Store.open(new StoreSettings(place), new SystemClock(), Logger.silent());
const [found] = await store.deployments.readAll();
let generation = found?.generation ?? null;
const times = Number(process.argv[3] ?? Infinity);
for (let made = 0; made < times; made++) {
  const { deployment } = await store.deployments.change({
    name: 'default',
    expectedGeneration: generation,
    desired: {
      current: null,
      next: null,
      previous: null,
      canaryProbability: 1,
      settings: { number: (generation ?? 0) + 1 },
    },
    action: 'count',
    origin: { actor: 'writer', tokenId: null, address: null, requestId: String(process.pid), reason: 'a test' },
  });
  generation = deployment?.generation ?? null;
  process.stdout.write(`${generation}\n`);
}
await store.close();
