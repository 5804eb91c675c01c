import { busyLoad, modelThatTakes, runsPerSecond, serveBusyModel } from '../busy-model';
import { mean, number } from '../format';
import { againstGoal } from '../goals';
import { inTurn, MEASURED_IN_TURN, pieceSeconds, together } from '../in-turn';
import { measure, type Measured } from '../load';
import type { Part } from '../part';

const RUN_MS = 5;
const CONNECTIONS = 8;

/** A model of 5 ms: what the server keeps of what the model does in a bare loop, in turn. */
export const fiveMsModel: Part = {
  name: 'five-ms',
  about: 'a model of 5 ms, beside itself in a bare loop',
  async measure({ root, rounds, seconds, say }) {
    const model = await modelThatTakes(RUN_MS, root);
    const server = await serveBusyModel(root, model);
    try {
      const url = `${server.url}/predict`;
      const load = await busyLoad(url, CONNECTIONS);
      const long = pieceSeconds(seconds);
      await measure(url, load, long);
      const bare: number[] = [];
      const served: Measured[] = [];
      for (let round = 1; round <= rounds; round++) {
        const [rates, answered] = await inTurn(
          async () => runsPerSecond(root, model, long),
          async () => measure(url, load, long),
        );
        const [ofModel, ofServer] = [mean(rates), together(answered)];
        say(`round ${round}: ${ofModel.toFixed(1)}/s bare, ${ofServer.requestsPerSecond.toFixed(1)}/s served`);
        bare.push(ofModel);
        served.push(ofServer);
      }
      const values = served.map(({ requestsPerSecond }, round) => requestsPerSecond / (bare[round] ?? NaN));
      return { lines: describe(bare, served, values), figures: { 'five-ms': values } };
    } finally {
      await server.stop();
    }
  },
};

function describe(bare: readonly number[], served: readonly Measured[], values: readonly number[]): string[] {
  const of = (figure: keyof Measured): number[] => served.map((one) => one[figure]);
  const failed = of('failures').reduce((sum, one) => sum + one, 0);
  return [
    `## A model of ${RUN_MS} ms`,
    '',
    'Products of matrices, as many as take that long here; one thread inside an operator. Its batch axis is fixed at one row, so every',
    'request costs a whole run and sharing runs cannot flatter the ratio: it says how well the model is kept busy.',
    `The two were ${MEASURED_IN_TURN}`,
    '',
    '| | runs/s | p50 ms | p99 ms | failed |',
    '| --- | --- | --- | --- | --- |',
    `| onnxruntime-node in a bare loop | ${number(bare, 1)} | ${number(
      bare.map((rate) => 1000 / rate),
      2,
    )} | | |`,
    `| Understudy, /predict, ${CONNECTIONS} connections | ${number(of('requestsPerSecond'), 1)} | ${number(of('p50Ms'), 1)} | ${number(of('p99Ms'), 1)} | ${failed} |`,
    '',
    againstGoal('five-ms', values),
    '',
  ];
}
