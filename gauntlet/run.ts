import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaveNothingBehind } from '../bench/children';
import { buildIfStale } from '../tools/build.mjs';
import type { Finding } from './gate';
import { GATES } from './gates';
import { type Options, readOptions } from './options';
import { Random } from './random';
import { notesOf, report, table } from './report';
import { killServers } from './server';
import { removeWorkplaces } from './workplace';

/** Puts what the product promises about failures to the test, on real processes, and prints what came of it in one table. */

/** A gate that cannot be tried costs only itself: it counts as not reached. */
async function tryAll({ trials, seed, sabotage }: Options, root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const startMs = performance.now();
  for (const { gate, rounds } of trials) {
    const say = (text: string): void => {
      console.error(`[${gate.name}, ${Math.round((performance.now() - startMs) / 1000)} s] ${text}`);
    };
    say(gate.about);
    try {
      const random = Random.of(seed, gate.name);
      findings.push(...(await gate.judge({ rounds, random, sabotage, root, say })));
    } catch (error) {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const figure = `broke off: ${error instanceof Error ? error.message : String(error)}`;
      findings.push({ measure: gate.about, goal: 'to be tried', figure, reached: false });
    }
  }
  return findings;
}

async function main(): Promise<void> {
  const read = readOptions(process.argv.slice(2), GATES, randomInt(1, 1_000_000_000));
  if (!read.ok) {
    console.error(read.why);
    process.exitCode = 2;
    return;
  }
  leaveNothingBehind();
  process.on('exit', () => {
    killServers();
    removeWorkplaces();
  });
  const root = process.cwd();
  buildIfStale();
  const { options } = read;
  console.error(`seed ${options.seed}`);
  const findings = await tryAll(options, root);
  if (options.whole) {
    const page = join(root, 'docs', 'reliability.md');
    const text = report({ ...options, findings, notes: existsSync(page) ? notesOf(readFileSync(page, 'utf8')) : '' });
    writeFileSync(page, text);
    console.log(text);
  } else console.log(table(findings).join('\n'));
  if (findings.every(({ reached }) => reached)) return;
  console.error(`Not every gate held. Again with the same draws: npm run gauntlet -- ${replay(options)}`);
  process.exitCode = 1;
}

function replay({ trials, seed, sabotage }: Options): string {
  const only = `--only ${trials.map(({ gate }) => gate.name).join(',')}`;
  const often = `--rounds ${trials.map(({ gate, rounds }) => `${gate.name}=${rounds}`).join(',')}`;
  return `${only} ${often} --seed ${seed}${sabotage === undefined ? '' : ` --sabotage ${sabotage}`}`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
