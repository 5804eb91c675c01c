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
const PIP_INSTALL = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
const UV = 'uv==0.13.9';

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
  const base = findPython();
  if (base === undefined) return { ok: false, why: `Python ${OLDEST.join('.')} or later is not installed` };
  log(`Making a Python environment for ${requirements} (once; a minute or two) ...`);
  rmSync(folder, { recursive: true, force: true });
  const made = run(base, ['-m', 'venv', folder]);
  if (!made.ok) return made;
  const installed = installWithUv(python, join(ROOT, requirements));
  if (!installed.ok) {
    const pip = run(python, [...PIP_INSTALL, '-r', join(ROOT, requirements)]);
    if (!pip.ok) return pip;
  }
  writeFileSync(join(folder, DONE), '');
  return { ok: true, python };
}

/** A third of the time that pip takes; but an index that pip is told of in its own files is unknown to uv. */
function installWithUv(python, file) {
  const uv = run(python, [...PIP_INSTALL, UV]);
  if (!uv.ok) return uv;
  const { PIP_INDEX_URL: index } = process.env;
  return run(python, ['-m', 'uv', 'pip', 'install', '--quiet', '--compile-bytecode', '--python', python, '-r', file], {
    UV_CACHE_DIR: join(CACHE, 'uv'),
    ...(index === undefined ? {} : { UV_DEFAULT_INDEX: index }),
  });
}

function run(command, args, environment = {}) {
  const { status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...environment, ...process.env },
  });
  if (status === 0) return { ok: true };
  const problem = (stderr ?? '').trim().split('\n').slice(-3).join(' ');
  return { ok: false, why: `\`${[command, ...args].join(' ')}\` failed: ${problem}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = pythonEnvironment(process.argv[2] ?? 'training/requirements-test.txt');
  if (made.ok) console.log(made.python);
  else {
    console.error(made.why);
    process.exitCode = 1;
  }
}
