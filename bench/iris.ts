import { pythonEnvironment } from '../tools/python-env.mjs';
import { measure, type Measured } from './load';
import { checkAnswer, type Form, FORMS, IRIS_LOADS, toLoad } from './loads';
import type { Peer } from './peer';
import { PEERS } from './peers';

/** One figure: what a peer did with a load, asked in one form. */
export interface Row {
  readonly peer: string;
  readonly form: Form;
  readonly load: string;
  readonly round: number;
  readonly measured: Measured;
}

export interface IrisResults {
  readonly rows: readonly Row[];
  /** Peers that could not be measured, and why. */
  readonly missing: readonly string[];
}

/** Every peer with every load, in turn, round by round: what slows the machine for a while slows all. */
export async function measureIris(root: string, rounds: number, seconds: number): Promise<IrisResults> {
  const rows: Row[] = [];
  const missing = new Set<string>();
  for (let round = 1; round <= rounds; round++) {
    for (const peer of PEERS) {
      const made = peer.needs === 'node' ? { ok: true as const, python: '' } : pythonEnvironment(peer.needs);
      if (made.ok) rows.push(...(await measurePeer(peer, { root, python: made.python }, round, seconds)));
      else missing.add(`${peer.name}: ${made.why}`);
    }
  }
  return { rows, missing: [...missing] };
}

async function measurePeer(
  peer: Peer,
  context: { readonly root: string; readonly python: string },
  round: number,
  seconds: number,
): Promise<Row[]> {
  const running = await peer.start(context);
  const rows: Row[] = [];
  try {
    for (const form of peer.forms) {
      const url = `${running.url}${FORMS[form].path}`;
      for (const iris of IRIS_LOADS) {
        if (peer.answersAnything === undefined) await checkAnswer(running.url, form, iris);
        const load = toLoad(iris, form);
        await measure(url, load, 1);
        const measured = await measure(url, load, seconds);
        console.error(
          `round ${round}, ${peer.name}, ${form}, ${load.name}: ${Math.round(measured.requestsPerSecond)}/s, ${measured.failures} failed`,
        );
        rows.push({ peer: peer.name, form, load: load.name, round, measured });
      }
    }
  } finally {
    await running.stop();
  }
  return rows;
}
