import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PYTHON_VARIABLE } from '../../support/python-environment';
import { MLFLOW_VARIABLE } from './global-setup';

export const mlflowUri = process.env[MLFLOW_VARIABLE] ?? '';
const python = process.env[PYTHON_VARIABLE];

/** `describe` where there is a real MLflow server to test on; the set-up says how to get one where there is not. */
export const describeOnMlflow: typeof describe = python === undefined ? describe.skip : describe;

/** Runs a Python script of the repository against the MLflow server; resolves to what it printed. */
export async function runPython(script: string, args: readonly string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)(python ?? 'python', [join(process.cwd(), script), ...args], {
    env: {
      ...process.env,
      MLFLOW_TRACKING_URI: mlflowUri,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: 'true',
      GIT_PYTHON_REFRESH: 'quiet',
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** Runs a command line of the documentation in a shell, in which `python` and scripts find the environment. Rejects with what it printed. */
export async function runShell(command: string): Promise<string> {
  const bin = join(python ?? '', '..');
  const run = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], {
    env: {
      ...process.env,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      MLFLOW_TRACKING_URI: mlflowUri,
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  const { stdout } = await run.catch((error: unknown) => {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${command} failed:\n${stdout}\n${stderr}`);
  });
  return stdout;
}

/** What log_versions.py tells of a version; where it is kept only of those whose weights are in a second file. */
interface LoggedVersion {
  readonly version: string;
  readonly model_id: string;
  readonly run_id: string;
}

/** Logs versions of kinds that log_versions.py knows, one after another. */
export async function logVersions(name: string, ...kinds: readonly string[]): Promise<LoggedVersion[]> {
  const printed = await runPython('test/mlflow/support/log_versions.py', [name, ...kinds]);
  return printed
    .trim()
    .split('\n')
    .slice(-kinds.length)
    .map((line) => JSON.parse(line) as LoggedVersion);
}

/** Asks the MLflow server to change something of the registry. */
export async function changeOnMlflow(method: 'POST' | 'DELETE', path: string, body: object): Promise<void> {
  const response = await fetch(`${mlflowUri}/api/2.0/mlflow/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`MLflow did not change ${path}: ${await response.text()}`);
}
