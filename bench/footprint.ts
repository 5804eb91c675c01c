import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAnswer, FORMS, toLoad } from './loads';
import { startUnderstudy } from './peers';

/** What the idle service costs, and how long its start takes until the first right prediction. */
export interface Footprint {
  readonly firstStartMs: number;
  readonly laterStartMs: number;
  /** Memory of the server and of its runners in MB, each page of shared memory counted once; null off Linux. */
  readonly processes: readonly { readonly name: string; readonly megabytes: number }[] | null;
}

const IDLE_MS = 5_000;

/** Both Iris slots filled, with different versions, so that there are two runners. */
export async function measureFootprint(root: string): Promise<Footprint> {
  const data = mkdtempSync(join(tmpdir(), 'bench-footprint-'));
  try {
    const first = await timeStart(root, data);
    await first.server.stop();
    const later = await timeStart(root, data);
    const { url, pid } = later.server;
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ model_uri: 'models:/tracking-quickstart/2' });
    await fetch(`${url}/update-model`, { method: 'POST', headers, body });
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const processes = memoryOf(pid);
    await later.server.stop();
    return { firstStartMs: first.ms, laterStartMs: later.ms, processes };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function timeStart(root: string, data: string) {
  const startMs = performance.now();
  const server = await startUnderstudy({ root }, { UNDERSTUDY_DATA_DIR: data });
  const load = { rows: 2, connections: 1 };
  const { body, headers } = toLoad(load, 'predict');
  await fetch(`${server.url}${FORMS.predict.path}`, { method: 'POST', body, headers });
  const ms = performance.now() - startMs;
  await checkAnswer(server.url, 'predict', load);
  return { server, ms };
}

function memoryOf(server: number): Footprint['processes'] {
  if (process.platform !== 'linux') return null;
  const runners = childrenOf(server);
  return [
    { name: 'server', megabytes: proportionalMegabytes(server) },
    ...runners.map((pid, index) => ({ name: `runner ${index + 1}`, megabytes: proportionalMegabytes(pid) })),
  ];
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

function proportionalMegabytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
