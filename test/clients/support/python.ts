import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PYTHON_VARIABLE } from '../../support/python-environment';

const python = process.env[PYTHON_VARIABLE];

/** `describe` where there is Python with the clients; the set-up says how to get it where there is not. */
export const describeWithPython: typeof describe = python === undefined ? describe.skip : describe;

/** Runs Python and resolves to what it printed. Rejects with all of that where it fails. */
export async function runPython(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const run = promisify(execFile)(python ?? 'python', args, {
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: 'true',
      ...environment,
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  const { stdout } = await run.catch((error: unknown) => {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${stdout}\n${stderr}`);
  });
  return stdout;
}
