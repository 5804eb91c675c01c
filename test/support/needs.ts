import { spawnSync } from 'node:child_process';

/**
 * `it` for a test that needs a program of the machine. Where it is missing the test is skipped with a line that says how to get it;
 * with CI set that is a failure, so that nothing stays unseen there.
 */
export function needs(program: string, howToGet: string): typeof it {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  if (found) return it;
  if (process.env['CI'] !== undefined) throw new Error(`${program} is missing and CI is set. ${howToGet}`);
  console.warn(`Skipped what needs ${program}. ${howToGet}`);
  return it.skip;
}
