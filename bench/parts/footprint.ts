import { updateNext } from '../control';
import { checkedLoad } from '../loads';
import { describeMemory, memoryOf } from '../memory';
import type { Part } from '../part';
import { startUnderstudy } from '../peers';
import { removeFolder, scratchFolder } from '../scratch';

/** What the idle service costs, and how long its start takes until the first right prediction. */
export const footprint: Part = {
  name: 'footprint',
  about: 'start, and memory when idle',
  async measure({ root }) {
    const data = scratchFolder('footprint');
    try {
      const first = await timeStart(root, data);
      await first.server.stop();
      const later = await timeStart(root, data);
      const { url, pid } = later.server;
      // Both slots filled, with different versions, so that there are two runners.
      await updateNext(url, 'models:/tracking-quickstart/2');
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      const processes = memoryOf(pid);
      await later.server.stop();
      return { lines: describe(first.ms, later.ms, processes), figures: {} };
    } finally {
      removeFolder(data);
    }
  },
};

const IDLE_MS = 5_000;

async function timeStart(root: string, data: string) {
  const startMs = performance.now();
  const server = await startUnderstudy({ root }, { UNDERSTUDY_DATA_DIR: data });
  await checkedLoad(server.url, 'predict', { rows: 2, connections: 1 });
  return { server, ms: performance.now() - startMs };
}

const describe = (firstMs: number, laterMs: number, processes: ReturnType<typeof memoryOf>): string[] => [
  '## Start and memory',
  '',
  `From the start of the process to the first right prediction: ${seconds(firstMs)} with an empty data folder, ${seconds(laterMs)} when it was started before.`,
  ...(processes === null
    ? []
    : ['', `Idle with two Iris versions: ${describeMemory(processes)}; proportional set size.`]),
  '',
];

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
