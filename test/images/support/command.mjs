import { spawn, spawnSync } from 'node:child_process';

const MOST_OUTPUT = 4000;

/** What a program prints on standard output. Rejects with its last output when it fails or takes too long. */
export async function run(program, args, { timeoutMs = 60_000 } = {}) {
  const { code, stdout, output } = await tryRun(program, args, { timeoutMs });
  if (code !== 0) {
    throw new Error(`\`${[program, ...args].join(' ')}\` ended with ${code}\n${output.slice(-MOST_OUTPUT)}`);
  }
  return stdout;
}

/** Like `run`, for programs that may fail. `code` is the exit code, or the name of the signal that ended it. */
export function tryRun(program, args, { timeoutMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let stdout = '';
    let output = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, output }));
  });
}

export function isInstalled(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}
