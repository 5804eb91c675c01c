#!/usr/bin/env node
/**
 * Builds the applications when their sources are newer than what was built, and says so. `--force` builds in any case.
 * `npm start` and the tests go through here, so that neither runs yesterday's code nor builds for nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.built');
const SOURCES = ['apps', 'libs', 'nest-cli.json', 'package-lock.json', 'rspack.config.mjs', 'tsconfig.json'];
const APPLICATIONS = ['server', 'runner'];

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

export function build() {
  rmSync(DIST, { recursive: true, force: true });
  for (const application of APPLICATIONS) {
    const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [nest, 'build', application], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (status !== 0 || !existsSync(join(DIST, 'apps', application, 'main.js'))) {
      throw new Error(`nest build ${application} failed\n${stdout}\n${stderr}`);
    }
  }
  buildDashboard();
  writeFileSync(STAMP, '');
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
  build();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildIfStale({ force: process.argv.includes('--force') });
