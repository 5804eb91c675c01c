import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from '../tools/build.mjs';
import { measureCores } from './cores';
import { measureFootprint } from './footprint';
import { measureIris } from './iris';
import { loadGenerator } from './load';
import { report } from './report';
import { measureTensors } from './tensors';
import { measureUpdateUnderLoad } from './update-under-load';

/**
 * Runs Understudy and its peers side by side on this machine, in turn and twice, and prints what they did in tables of ratios:
 * absolute figures drift with the machine, ratios of one run hold. `--quick` takes a second for each figure and writes no page.
 */

const ROUNDS = 2;
const LARGE_MODEL_MEGABYTES = 500;

async function main(): Promise<void> {
  const quick = process.argv.includes('--quick');
  const seconds = quick ? 1 : 6;
  const root = process.cwd();
  buildIfStale();
  console.error('starting, memory');
  const footprint = await measureFootprint(root);
  const iris = await measureIris(root, ROUNDS, seconds);
  console.error('large tensors');
  const tensors = await measureTensors(root, ROUNDS, seconds);
  console.error(`updating to a model of ${LARGE_MODEL_MEGABYTES} MB under load`);
  const update = await measureUpdateUnderLoad(root, LARGE_MODEL_MEGABYTES);
  console.error('processor time of a prediction');
  const cores = await measureCores(root, seconds);
  const text = report({ footprint, iris, tensors, update, cores, loadGenerator, seconds });
  console.log(text);
  if (!quick) writeFileSync(join(root, 'docs', 'benchmarks.md'), text);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
