import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Deployments } from '@understudy/model-slots';
import { RunningServer } from '../support/running-server';

it('[case 97] keeps no version in memory that left its slots, however many there were', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const server = await RunningServer.start();
  try {
    const seen: WeakRef<object>[] = [];
    for (let swap = 0; swap < 9; swap++) {
      const version = 1 + (swap % 3);
      const loaded = await server.change('/update-model', { model_uri: `models:/tracking-quickstart/${version}` });
      expect([swap, loaded.status]).toEqual([swap, 200]);
      expect((await server.change('/accept-next-model')).status).toBe(200);
      const { current } = server.app.get(Deployments).default.held;
      if (current !== null) seen.push(new WeakRef(current));
    }
    expect(seen).toHaveLength(9);
    // Current and next share one, previous is another; one more may be on its way out.
    await server.until(() => {
      collectGarbage();
      return seen.filter((version) => version.deref() !== undefined).length <= 3;
    });
  } finally {
    await server.stop();
  }
});
