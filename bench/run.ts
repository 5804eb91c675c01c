import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment } from '../tools/python-env.mjs';
import { buildIfStale } from '../tools/build.mjs';
import { type Load, loadGenerator, measure, type Measured } from './load';
import { EXPECTED_PREDICTIONS, LOADS } from './loads';
import type { Peer, PeerContext } from './peer';
import { PEERS } from './peers';
import { report, type Row } from './report';
import { measureUpdateUnderLoad } from './update-under-load';

/**
 * Runs Understudy and its peers side by side on this machine, in turn and twice, and prints what they did in one table of ratios:
 * absolute figures drift with the machine, ratios of one run hold. `--quick` takes seconds for each figure instead of many.
 */

const ROUNDS = 2;
const LARGE_MODEL_MEGABYTES = 400;

async function main(): Promise<void> {
  const quick = process.argv.includes('--quick');
  const root = process.cwd();
  buildIfStale();
  const made = pythonEnvironment('bench/requirements.txt');
  const context: PeerContext = { root, python: made.ok ? made.python : null };
  const missing = made.ok
    ? []
    : PEERS.filter(({ needs }) => needs === 'python').map(({ name }) => `${name}: ${made.why}`);
  const rows: Row[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const peer of PEERS) {
      if (peer.needs === 'python' && context.python === null) continue;
      rows.push(...(await measurePeer(peer, context, round, quick ? 2 : 6)));
    }
  }
  console.error(`updating to a model of ${LARGE_MODEL_MEGABYTES} MB under load`);
  const update = await measureUpdateUnderLoad(context, LARGE_MODEL_MEGABYTES);
  const text = report({ rows, update, missing, loadGenerator, seconds: quick ? 2 : 6 });
  console.log(text);
  if (!quick) writeFileSync(join(root, 'docs', 'benchmarks.md'), text);
}

async function measurePeer(peer: Peer, context: PeerContext, round: number, seconds: number): Promise<Row[]> {
  const running = await peer.start(context);
  const url = `${running.url}${peer.path}`;
  const rows: Row[] = [];
  try {
    for (const load of LOADS) {
      await checkAnswer(peer, url, load);
      await measure(url, load, 1);
      const measured: Measured = await measure(url, load, seconds);
      console.error(`round ${round}, ${peer.name}, ${load.name}: ${Math.round(measured.requestsPerSecond)}/s`);
      rows.push({ peer: peer.name, load: load.name, round, measured });
    }
  } finally {
    await running.stop();
  }
  return rows;
}

async function checkAnswer(peer: Peer, url: string, { body, headers }: Load): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body, headers });
  const { predictions } = (await answer.json()) as { predictions?: unknown };
  if (JSON.stringify(predictions) !== JSON.stringify(EXPECTED_PREDICTIONS)) {
    throw new Error(
      `${peer.name} answered ${JSON.stringify(predictions)} instead of ${JSON.stringify(EXPECTED_PREDICTIONS)}`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
