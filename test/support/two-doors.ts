import { request as httpRequest, type IncomingMessage } from 'node:http';
import { ModelFolder } from './model-folder';
import { constantModel } from './onnx/models';
import { RunningServer, type Status } from './running-server';

export const ROW = [5.1, 3.5, 1.4, 0.2];
export const PLAIN_JSON = { 'Content-Type': 'application/json' };

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Sends bytes as they are, with just these headers. */
export async function send(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = PLAIN_JSON,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const request = httpRequest(url, { method: 'POST', headers: { ...headers, 'Content-Length': length } });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/**
 * Two servers with the same models in the same slots: at one, predictions take the hot door, at the other the documented one.
 * Both must give the same answers.
 */
export class TwoDoors {
  private constructor(
    readonly models: ModelFolder,
    readonly hot: RunningServer,
    readonly documented: RunningServer,
    private readonly before: Status,
  ) {}

  /** Current answers 1, next answers 2. */
  static async open(): Promise<TwoDoors> {
    const models = new ModelFolder();
    models.publish('tracking-quickstart', 1, constantModel(1));
    models.publish('tracking-quickstart', 2, constantModel(2));
    const settings = { UNDERSTUDY_REGISTRY_DIR: models.path };
    const hot = await RunningServer.start({ settings, hotDoor: true });
    const documented = await RunningServer.start({ settings, hotDoor: false });
    for (const server of [hot, documented])
      await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    return new TwoDoors(models, hot, documented, await hot.status());
  }

  get servers(): readonly RunningServer[] {
    return [this.hot, this.documented];
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    this.models.remove();
  }

  /** The problem that both doors answer one prediction with. */
  async refusedPrediction(body: Uint8Array | string, headers: Readonly<Record<string, string>> = PLAIN_JSON) {
    const answers = await Promise.all(
      this.servers.map(async ({ url }) => {
        const {
          status,
          headers: got,
          text,
        } = await send(`${url}/predict`, body, { ...headers, 'X-Request-Id': 'same' });
        const {
          'content-type': type,
          'x-request-id': id,
          'cache-control': cache,
          'retry-after': retry,
          connection,
        } = got;
        return { status, text, type, id, cache, retry, connection };
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    const { status, text, type } = answers[0]!;
    expect(type).toBe('application/problem+json');
    return { ...(JSON.parse(text) as { code: string; detail: string }), status };
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
    const { generation, canaryProbability, current, next, previous } = await this.hot.status();
    const { before } = this;
    expect({ generation, canaryProbability, current, next, previous }).toEqual({
      generation: before.generation,
      canaryProbability: before.canaryProbability,
      current: before.current,
      next: before.next,
      previous: before.previous,
    });
  }
}
