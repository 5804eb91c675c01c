import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  closeDebuggerSignal,
  type Configuration,
  type Installation,
  isLoopback,
  Logger,
  readConfiguration,
} from '@understudy/platform';
import { createApplication } from './application';
import { EndOnSignal } from './end-on-signal';
import { type Serving, stop } from './stop';
import { whyNotStarted } from './why-not-started';
import { runWorker } from './workers/run-worker';
import { serveWithWorkers } from './workers/serve-with-workers';
import { readWorkerArguments } from './workers/worker-program';

/** From dist/apps/server/main.js. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

const INSTALLATION: Installation = {
  bundledModels: join(ROOT, 'models'),
  runner: join(ROOT, 'dist', 'apps', 'runner', 'main.js'),
  onTerminal: process.stdout.isTTY,
};

const DASHBOARD = join(ROOT, 'dist', 'apps', 'dashboard');

async function main(): Promise<void> {
  closeDebuggerSignal();
  // eslint-disable-next-line no-restricted-properties -- the one place that hands the environment over
  const read = readConfiguration(process.env, INSTALLATION);
  if (!read.ok) {
    console.error(
      ['Understudy cannot start with these settings:', ...read.problems.map((problem) => `  ${problem}`)].join('\n'),
    );
    process.exitCode = 2;
    return;
  }
  const { configuration, notSettings } = read;
  const logger = await Logger.toStandardOutput(configuration.log);
  const worker = readWorkerArguments(process.argv);
  if (worker !== null) {
    await runWorker(configuration, logger, worker);
    return;
  }
  if (notSettings.length > 0)
    logger.warn('These variables are no settings and count for nothing: see docs/settings.md', {
      variables: notSettings,
    });
  const ending = new EndOnSignal(logger);
  const { host } = configuration.http;
  const serving = await serve(configuration, logger);
  ending.serves(serving);
  const { url } = serving;
  logger.info('Understudy is listening', { url, docs: `${url}/docs` });
  if (!isLoopback(host) && configuration.access.mode === 'none')
    logger.warn('Everybody who reaches this port can change what is served (UNDERSTUDY_AUTH=none)', { host });
}

async function serve(configuration: Configuration, logger: Logger): Promise<Serving> {
  const app = await createApplication(configuration, logger, { dashboard: DASHBOARD });
  if (configuration.modelSlots.servingCounts.workers > 1)
    return serveWithWorkers(app, fileURLToPath(import.meta.url), logger);
  const { host, port } = configuration.http;
  await app.listen(port, host);
  return { url: (await app.getUrl()).replace('[::1]', 'localhost'), stop: async () => stop(app, logger) };
}

main().catch((error: unknown) => {
  console.error(`Understudy cannot start: ${whyNotStarted(error)}`);
  process.exit(1);
});
