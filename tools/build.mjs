#!/usr/bin/env node
/**
 * Builds the applications when their sources are newer than what was built, and says so. `--force` builds in any case.
 * `npm start` and the tests go through here, so that neither runs yesterday's code nor builds for nothing.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVER_ENVIRONMENT, SERVER_FLAGS } from './server-flags.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.built');
const SOURCES = [
  'apps',
  'libs',
  'nest-cli.json',
  'package-lock.json',
  'rspack.config.mjs',
  'tools/keep-compiled-code.mjs',
  'tools/main.mjs',
  'tsconfig.json',
];
/** What the bundler writes for each. */
const BUNDLES = { server: 'bundle.cjs', runner: 'main.js' };

const KEEPING_TAKES_AT_MOST_MS = 60_000;

function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

export function isStale() {
  if (!existsSync(STAMP)) return true;
  const builtMs = statSync(STAMP).mtimeMs;
  return SOURCES.some((source) => newest(join(ROOT, source)) > builtMs);
}

export function build(log = console.error) {
  rmSync(DIST, { recursive: true, force: true });
  for (const [application, bundle] of Object.entries(BUNDLES)) {
    const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [nest, 'build', application], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (status !== 0 || !existsSync(join(DIST, 'apps', application, bundle))) {
      throw new Error(`nest build ${application} failed\n${stdout}\n${stderr}`);
    }
  }
  copyFileSync(join(ROOT, 'tools', 'main.mjs'), join(DIST, 'apps', 'server', 'main.js'));
  buildDashboard();
  keepCompiledCode(log);
  writeFileSync(STAMP, '');
}

/** The server starts without it too, only later. */
function keepCompiledCode(log) {
  const data = mkdtempSync(join(tmpdir(), 'understudy-build-'));
  const program = join(ROOT, 'tools', 'keep-compiled-code.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [...SERVER_FLAGS, program], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: KEEPING_TAKES_AT_MOST_MS,
    // Nothing of the settings of whoever builds: their database and their registry are none of its business.
    env: { PATH: process.env['PATH'], UNDERSTUDY_DATA_DIR: data, UNDERSTUDY_LAME_DUCK_MS: '0', ...SERVER_ENVIRONMENT },
  });
  rmSync(data, { recursive: true, force: true });
  if (!existsSync(join(DIST, 'apps', 'server', 'bundle.compiled')))
    log(`Compiled code could not be kept, so that each start compiles again.\n${stdout}\n${stderr}`);
}

function buildDashboard() {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(ROOT, 'apps', 'dashboard', 'vite.config.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', '--config', config], {
    cwd: ROOT,
    encoding: 'utf8',
    // Tests build too, and would get the development build of React, which is half as large again.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0 || !existsSync(join(DIST, 'apps', 'dashboard', 'index.html'))) {
    throw new Error(`vite build failed\n${stdout}\n${stderr}`);
  }
}

export function buildIfStale({ force = false, log = console.error } = {}) {
  if (!force && !isStale()) return;
  log('Building Understudy ...');
  build(log);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildIfStale({ force: process.argv.includes('--force') });
