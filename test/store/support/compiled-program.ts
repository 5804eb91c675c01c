import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';

/** Where what a program imports is found; git does not see it. */
const FOLDER = join('node_modules', '.cache', 'test-programs');

/** Compiles a program beside this file for processes that are started many times; returns where it is. */
export function compiledProgram(name: string): string {
  const source = join(import.meta.dirname, name);
  const compiled = join(process.cwd(), FOLDER, `${basename(name, '.ts')}-${process.pid}.mjs`);
  const how = ['--bundle', '--platform=node', '--format=esm', '--packages=external', '--log-level=warning'];
  execFileSync(join('node_modules', '.bin', 'esbuild'), [source, ...how, `--outfile=${compiled}`]);
  return compiled;
}
