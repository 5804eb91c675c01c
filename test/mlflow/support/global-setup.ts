import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonEnvironment } from '../../../tools/python-env.mjs';
import buildOnce from '../../support/build-once';

/** What the tests learn from the set-up, through the environment: jest runs them in other contexts. */
export const PYTHON_VARIABLE = 'UNDERSTUDY_TEST_PYTHON';
export const MLFLOW_VARIABLE = 'UNDERSTUDY_TEST_MLFLOW_URI';
const PID_VARIABLE = 'UNDERSTUDY_TEST_MLFLOW_PID';

const START_TIMEOUT_MS = 120_000;

/**
 * Installs MLflow into an environment of its own (once) and starts a server that the whole run shares. Without Python 3.11 or a
 * package index the tests are skipped and say so; with CI set that is a failure.
 */
export default async function globalSetup(): Promise<void> {
  buildOnce();
  const made = pythonEnvironment('training/requirements-test.txt');
  if (!made.ok) {
    if (process.env['CI'] !== undefined) throw new Error(`The tests on a real MLflow server cannot run: ${made.why}`);
    console.warn(
      `\nSkipping the tests on a real MLflow server: ${made.why}. Install Python 3.11 with venv, then: npm run test:mlflow\n`,
    );
    return;
  }
  process.env[PYTHON_VARIABLE] = made.python;
  if (process.env[MLFLOW_VARIABLE] === undefined) await startServer(made.python);
}

async function startServer(python: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'test-mlflow-'));
  const port = await freePort();
  const log = openSync(join(folder, 'server.log'), 'w');
  const server = spawn(
    python,
    ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
      .concat(['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`])
      .concat(['--artifacts-destination', join(folder, 'artifacts')]),
    {
      cwd: folder,
      // A group of its own: the server has children that must end with it.
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: 'true',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      },
    },
  );
  closeSync(log);
  server.unref();
  process.env[PID_VARIABLE] = String(server.pid);
  process.env[MLFLOW_VARIABLE] = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(port))) {
    if (Date.now() > deadline || server.exitCode !== null) {
      throw new Error(`MLflow did not start:\n${readFileSync(join(folder, 'server.log'), 'utf8').slice(-3000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
