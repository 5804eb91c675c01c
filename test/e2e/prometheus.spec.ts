import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { METRICS } from '../../apps/server/src/metrics/definitions';
import { needs } from '../support/needs';
import { RunningServer } from '../support/running-server';
import { Scrape } from '../support/scrape';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';

/** A real Prometheus scrapes a real server; promtool has nothing to say against the metrics and the alert rules. */

const HOW_TO_GET = 'Install it (Debian: apt-get install --no-install-recommends prometheus).';
const prometheus = needs('prometheus', HOW_TO_GET);
const promtool = needs('promtool', HOW_TO_GET);

const RULES = join(process.cwd(), 'docs', 'prometheus');

function promtoolSays(
  args: readonly string[],
  input?: string,
): { readonly status: number | null; readonly says: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', input });
  return { status, says: stdout + stderr };
}

interface Queried {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

describe('a server', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start();
    for (let time = 0; time < 5; time++) await server.predict([[5.1, 3.5, 1.4, 0.2]]);
    await server.predict('no rows');
  });

  afterAll(async () => {
    await server.stop();
  });

  promtool('has metrics whose form and names promtool finds nothing wrong with', async () => {
    expect(promtoolSays(['check', 'metrics'], (await Scrape.of(server.url)).text)).toEqual({ status: 0, says: '' });
  });

  describe('scraped by Prometheus', () => {
    let folder: TemporaryFolder;
    let scraper: ChildProcess | undefined;

    beforeAll(() => {
      folder = temporaryFolder('prometheus');
    });

    afterAll(async () => {
      if (scraper?.exitCode === null) {
        scraper.kill('SIGKILL');
        await once(scraper, 'exit');
      }
      folder.remove();
    });

    prometheus('is found healthy, and its figures can be asked for', async () => {
      const port = await freePort();
      const config = `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: understudy\n  static_configs: [{targets: ['${new URL(server.url).host}']}]\n`;
      writeFileSync(join(folder.path, 'prometheus.yaml'), config);
      scraper = spawn(
        'prometheus',
        [
          `--config.file=${join(folder.path, 'prometheus.yaml')}`,
          `--storage.tsdb.path=${join(folder.path, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { stdio: 'ignore' },
      );
      const ask = async (query: string): Promise<Queried['data']['result']> => {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
        const response = await fetch(url).catch(() => undefined);
        return response?.ok === true ? ((await response.json()) as Queried).data.result : [];
      };
      await server.until(async () => (await ask('up{job="understudy"} == 1')).length === 1, 40_000);
      const predictions = 'sum by (slot, outcome) (understudy_predictions_total{outcome!="failed"})';
      expect((await ask(predictions)).map(({ metric, value }) => [metric, value[1]])).toEqual(
        expect.arrayContaining([
          [{ slot: 'current', outcome: 'ok' }, '5'],
          [{ slot: 'current', outcome: 'refused' }, '1'],
        ]),
      );
      const quantile = 'histogram_quantile(0.99, sum by (le) (understudy_prediction_duration_seconds_bucket))';
      const [p99] = await ask(quantile);
      expect(Number(p99!.value[1])).toBeGreaterThan(0);
    });
  });
});

describe('the alert rules in docs/prometheus', () => {
  promtool('are rules, in a configuration that can be used', () => {
    expect(promtoolSays(['check', 'rules', join(RULES, 'alerts.yaml')]).status).toBe(0);
    expect(promtoolSays(['check', 'config', join(RULES, 'prometheus.yaml')]).status).toBe(0);
  });

  promtool('fire when they should and not else', () => {
    const { status, says } = promtoolSays(['test', 'rules', join(RULES, 'alerts.test.yaml')]);
    expect([status, says]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  it.each(['alerts.yaml', 'alerts.test.yaml'])('%s asks only for metrics that there are', (file) => {
    const asked = readFileSync(join(RULES, file), 'utf8').match(/\bunderstudy_\w+/g) ?? [];
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !(name in METRICS))).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
