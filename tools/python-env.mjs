#!/usr/bin/env node
/**
 * Makes a Python virtual environment for a requirements file once, and finds it again afterwards. Prints the interpreter.
 * Nothing that serves needs Python: training, the tests on a real MLflow server and the bench's peers do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const CACHE = join(ROOT, '.cache', 'python');
const CANDIDATES = ['python3.11', 'python3', 'python'];
const OLDEST = [3, 11];
const DONE = '.complete';
const LOOK_PERIOD_MS = 250;

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

/** Has what is in a folder made by one process at a time: the others wait, and find it done. Returns what gives the turn up. */
function takeTurn(folder) {
  const turn = `${folder}.making`;
  mkdirSync(CACHE, { recursive: true });
  for (;;) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' });
      return () => rmSync(turn, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAlive(turn)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_PERIOD_MS);
    else rmSync(turn, { force: true });
  }
}

/** Whether the process that a file names is there; one that has just ended its turn counts as well. */
function isAlive(turn) {
  try {
    process.kill(Number(readFileSync(turn, 'utf8') || process.pid), 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** The interpreter of the environment, or why there is none. */
export function pythonEnvironment(requirements, log = console.error) {
  const file = join(ROOT, requirements);
  const key = createHash('sha256').update(requirementsText(file)).digest('hex').slice(0, 16);
  const folder = join(CACHE, key);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, DONE))) return { ok: true, python };
  const endTurn = takeTurn(folder);
  try {
    return existsSync(join(folder, DONE)) ? { ok: true, python } : makeEnvironment(requirements, folder, python, log);
  } finally {
    endTurn();
  }
}

function makeEnvironment(requirements, folder, python, log) {
  const file = join(ROOT, requirements);
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
  writeFileSync(join(folder, DONE), '');
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
