import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import buildOnce from '../../support/build-once';
import { pythonForTests } from '../../support/python-environment';

/** Where the tests find the server. */
export const MLFLOW_VARIABLE = 'UNDERSTUDY_TEST_MLFLOW_URI';
const PID_VARIABLE = 'UNDERSTUDY_TEST_MLFLOW_PID';

const START_TIMEOUT_MS = 120_000;

/** Starts an MLflow server that the whole run shares, where there is Python to run it. */
export default async function globalSetup(): Promise<void> {
  buildOnce();
  const python = pythonForTests('a real MLflow server', 'test:mlflow');
  if (python !== undefined && process.env[MLFLOW_VARIABLE] === undefined) await startServer(python);
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
