import { matchPrediction } from '../../apps/server/src/http/prediction-routes';
import { type Asked, exchange, type Exchanged } from './exchange';
import { ModelFolder } from './model-folder';
import { RunningServer } from './running-server';

/** The name that the first version of a server has by default. */
const NAME = 'tracking-quickstart';

/** What both doors must say alike; the rest are facts about the connection. */
const COMPARED = [
  'content-type',
  'content-length',
  'content-encoding',
  'vary',
  'inference-header-content-length',
  'x-model-used',
  'x-model-version',
  'x-request-id',
  'cache-control',
  'retry-after',
  'allow',
  'accept-encoding',
] as const;

/**
 * Two servers with the same versions in the same slots: at one, predictions take the hot door, at the other the documented
 * controllers. What is asked is asked of both, and both must answer alike. The hot door is asked for a prediction twice: as clients do,
 * where the server may read it off the connection by itself, and in a way that it leaves to node:http.
 */
export class BothDoors {
  private constructor(
    readonly models: ModelFolder,
    readonly hot: RunningServer,
    readonly documented: RunningServer,
  ) {}

  /** The first version in current; the second, where there is one, in next. */
  static async open(
    versions: readonly (Uint8Array | Readonly<Record<string, Uint8Array | string>>)[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BothDoors> {
    const models = new ModelFolder();
    const uris = versions.map((version, index) => models.publish(NAME, index + 1, version));
    const [hot, documented] = await Promise.all(
      [true, false].map((hotDoor) =>
        RunningServer.start({
          settings: { UNDERSTUDY_REGISTRY_DIR: models.path, ...settings },
          hotDoor,
          waitUntilReady: uris.length > 0,
        }),
      ),
    );
    const doors = new BothDoors(models, hot!, documented!);
    if (uris[1] !== undefined)
      for (const server of doors.servers) {
        const { status, text } = await server.change('/update-model', { model_uri: uris[1] });
        if (status !== 200) throw new Error(text);
      }
    return doors;
  }

  get servers(): readonly RunningServer[] {
    return [this.hot, this.documented];
  }

  /** The answer of both. */
  async ask(path: string, asked: Asked = {}): Promise<Exchanged> {
    const same = { ...asked, headers: { 'X-Request-Id': 'same', ...asked.headers } };
    const byHttp = { ...same, headers: { ...same.headers, Connection: 'close' } };
    const isPrediction = matchPrediction({ method: asked.method, url: path }) !== undefined;
    const [one, ...others] = (await Promise.all([
      ...this.servers.map(async ({ url }) => exchange(`${url}${path}`, same)),
      ...(isPrediction ? [exchange(`${this.hot.url}${path}`, byHttp)] : []),
    ])) as [Exchanged, ...Exchanged[]];
    for (const other of others) expect(toCompare(other)).toEqual(toCompare(one));
    return one;
  }

  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Exchanged> {
    const bytes = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body);
    return this.ask(path, { method: 'POST', body: bytes, headers });
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    this.models.remove();
  }
}

const toCompare = ({ status, headers, bytes }: Exchanged) => ({
  status,
  text: bytes.toString('latin1'),
  headers: Object.fromEntries(COMPARED.map((name) => [name, headers[name]])),
});
