import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from '../tools/build.mjs';
import { leaveNothingBehind } from './children';
import { loadGenerator } from './load';
import { readOptions, type Options } from './options';
import type { Findings } from './part';
import { PARTS } from './parts';
import { notesOf, report } from './report';

/**
 * Runs Understudy and its peers side by side on this machine, in turn, and prints what they did in tables of ratios: absolute figures
 * drift with the machine, ratios of one run hold.
 */

/** Measures what is asked for. A part that fails costs only itself: the others are told, and the bench fails at its end. */
async function measureParts(options: Options, root: string) {
  const findings: Findings[] = [];
  const failed: string[] = [];
  const startMs = performance.now();
  for (const [at, part] of options.parts.entries()) {
    const say = (text: string): void => {
      const seconds = Math.round((performance.now() - startMs) / 1000);
      console.error(`[${at + 1}/${options.parts.length} ${part.name}, ${seconds} s] ${text}`);
    };
    say(part.about);
    try {
      findings.push(await part.measure({ ...options, root, say }));
    } catch (error) {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      failed.push(part.name);
    }
  }
  return { findings, failed };
}

async function main(): Promise<void> {
  const read = readOptions(process.argv.slice(2), PARTS);
  if (!read.ok) {
    console.error(read.why);
    process.exitCode = 2;
    return;
  }
  leaveNothingBehind();
  const root = process.cwd();
  buildIfStale();
  const { options } = read;
  const { findings, failed } = await measureParts(options, root);
  const page = join(root, 'docs', 'benchmarks.md');
  const notes = existsSync(page) ? notesOf(readFileSync(page, 'utf8')) : '';
  const text = report({ ...options, findings, loadGenerator, notes });
  console.log(text);
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}; docs/benchmarks.md is left as it is`);
    process.exitCode = 1;
  } else if (options.whole) writeFileSync(page, text);
  else console.error('not a whole run: docs/benchmarks.md is left as it is');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
