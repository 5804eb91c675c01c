import { againstGoal } from '../goals';
import { inTurn, MEASURED_IN_TURN, pieceSeconds, together } from '../in-turn';
import { type Load, measure } from '../load';
import { checkedLoad, FORMS } from '../loads';
import type { Part } from '../part';
import type { Peer, RunningPeer } from '../peer';
import { inLine, understudy } from '../peers';
import { ratios, type Row, table } from '../table';

const FORM = 'predict';
const LOAD = { rows: 2, connections: 1 };
/** Until the code of both is compiled: one connection asks some thousand times a second. */
const WARM_UP_SECONDS = 4;

/** One client that waits for each answer: what the way to the runner and back adds to a request that nobody waits behind. */
export const oneConnection: Part = {
  name: 'one-connection',
  about: 'one connection, beside the model in line',
  async measure({ root, rounds, seconds, say }) {
    const running: RunningPeer[] = [];
    const warm = async (peer: Peer): Promise<() => ReturnType<typeof measure>> => {
      const server = await peer.start({ root, python: '' });
      running.push(server);
      const address = `${server.url}${FORMS[FORM].path}`;
      const load: Load = await checkedLoad(server.url, FORM, LOAD);
      await measure(address, load, WARM_UP_SECONDS);
      return async () => measure(address, load, pieceSeconds(seconds));
    };
    const rows: Row[] = [];
    try {
      const [beside, ours] = [await warm(inLine), await warm(understudy)];
      for (let round = 1; round <= rounds; round++) {
        const pieces = await inTurn(beside, ours);
        for (const [at, { name }] of [inLine, understudy].entries()) {
          const measured = together(pieces[at] ?? []);
          say(`round ${round}, ${name}: p50 ${measured.p50Ms.toFixed(3)} ms`);
          rows.push({ name, asked: FORM, round, measured });
        }
      }
    } finally {
      await Promise.all(running.map(async (server) => server.stop()));
    }
    const values = ratios(rows, understudy.name, inLine.name, 'p50Ms') ?? [];
    return {
      lines: [
        '## One connection',
        '',
        `Two rows, /predict, one request after the other, ${MEASURED_IN_TURN}`,
        '',
        ...table(rows),
        againstGoal('p50-inline', values),
        '',
      ],
      figures: { 'p50-inline': values },
    };
  },
};
