import { BothDoors } from './both-doors';
import { exchange, type Exchanged } from './exchange';
import type { ModelFolder } from './model-folder';
import { constantModel } from './onnx/models';
import type { RunningServer, Status } from './running-server';

export const ROW = [5.1, 3.5, 1.4, 0.2];
export const PLAIN_JSON = { 'Content-Type': 'application/json' };

/** Sends bytes as they are, with just these headers. */
export async function send(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = PLAIN_JSON,
): Promise<Exchanged> {
  return exchange(url, { method: 'POST', body, headers });
}

/** Two doors behind which current answers 1 and next answers 2, and what must never change there. */
export class TwoDoors {
  private constructor(
    private readonly doors: BothDoors,
    private readonly before: Status,
  ) {}

  static async open(): Promise<TwoDoors> {
    const doors = await BothDoors.open([constantModel(1), constantModel(2)]);
    return new TwoDoors(doors, await doors.hot.status());
  }

  get models(): ModelFolder {
    return this.doors.models;
  }

  get hot(): RunningServer {
    return this.doors.hot;
  }

  get servers(): readonly RunningServer[] {
    return this.doors.servers;
  }

  async close(): Promise<void> {
    await this.doors.close();
  }

  /** The problem that both doors answer one prediction with. */
  async refusedPrediction(body: Uint8Array | string, headers: Readonly<Record<string, string>> = PLAIN_JSON) {
    const answer = await this.doors.post('/predict', body, headers);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    return { ...(answer.json as { code: string; detail: string }), status: answer.status };
  }

  /** Slots, split and generation are what they were, and both slots still answer right. */
  async expectUnchanged(): Promise<void> {
    for (const server of this.servers) {
      for (const [slot, prediction] of [
        ['current', 1],
        ['next', 2],
      ] as const) {
        const answer = await server.predict([ROW], { 'X-Model-Slot': slot });
        expect(answer.body).toEqual({ predictions: [prediction], model_used: slot });
      }
    }
    expect(lasting(await this.hot.status())).toEqual(lasting(this.before));
  }
}

/** What of the status no request may change. */
function lasting({ generation, canaryProbability, current, next, previous }: Status): unknown {
  const facts = { generation, canaryProbability, current, next, previous };
  return JSON.parse(JSON.stringify(facts, (key, value: unknown) => (key === 'memoryBytes' ? undefined : value)));
}
