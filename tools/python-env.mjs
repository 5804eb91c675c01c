#!/usr/bin/env node
/**
 * Makes a Python virtual environment for a requirements file once, and finds it again afterwards. Prints the interpreter.
 * Nothing that serves needs Python: training, the tests on a real MLflow server and the bench's peers do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const CACHE = join(ROOT, '.cache', 'python');
const CANDIDATES = ['python3.11', 'python3', 'python'];
const OLDEST = [3, 11];

/** The text of a requirements file with the files it includes: what decides whether an environment is still right. */
function requirementsText(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => {
      const included = /^-r\s+(\S+)/.exec(line)?.[1];
      return included === undefined ? line : requirementsText(resolve(dirname(path), included));
    })
    .join('\n');
}

function findPython() {
  for (const command of CANDIDATES) {
    const { status, stdout } = spawnSync(command, ['-c', 'import sys; print(*sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    const [major, minor] = stdout.trim().split(' ').map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return command;
  }
  return undefined;
}

/** The interpreter of the environment, or why there is none. */
export function pythonEnvironment(requirements, log = console.error) {
  const file = join(ROOT, requirements);
  const key = createHash('sha256').update(requirementsText(file)).digest('hex').slice(0, 16);
  const folder = join(CACHE, key);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, '.complete');
  if (existsSync(done)) return { ok: true, python };
  const base = findPython();
  if (base === undefined) return { ok: false, why: `Python ${OLDEST.join('.')} or later is not installed` };
  log(`Making a Python environment for ${requirements} (once; about two minutes) ...`);
  rmSync(folder, { recursive: true, force: true });
  for (const [command, args] of [
    [base, ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', file]],
  ]) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (status !== 0)
      return {
        ok: false,
        why: `\`${[command, ...args].join(' ')}\` failed: ${(stderr ?? '').trim().split('\n').slice(-3).join(' ')}`,
      };
  }
  writeFileSync(done, '');
  return { ok: true, python };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = pythonEnvironment(process.argv[2] ?? 'training/requirements-test.txt');
  if (made.ok) console.log(made.python);
  else {
    console.error(made.why);
    process.exitCode = 1;
  }
}
