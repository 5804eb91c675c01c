import { PassThrough } from 'node:stream';
import { memoryOf, memoryProblem, reportedMemory } from './runner-memory';

const MIB = 1024 * 1024;
const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('sees what a process takes, and that it takes more', () => {
  const before = memoryOf(process.pid) ?? NaN;
  const taken = Buffer.alloc(64 * MIB, 1);
  const after = memoryOf(process.pid) ?? NaN;
  expect(before).toBeGreaterThan(5 * MIB);
  expect(after - before).toBeGreaterThan(0.9 * taken.length);
});

onLinux('knows nothing of a process that has ended', () => {
  expect(memoryOf(2 ** 22 + 1)).toBeUndefined();
});

it('takes the newest whole line of what a process reports', () => {
  const reports = new PassThrough();
  const probe = reportedMemory(reports);
  expect(probe()).toBeUndefined();
  reports.write('100\n200\n');
  expect(probe()).toBe(200);
  reports.write('oops\n');
  expect(probe()).toBe(200);
});

it('knows nothing where nothing can be reported', () => {
  expect(reportedMemory(null)()).toBeUndefined();
});

it('names the limit and its setting', () => {
  expect(memoryProblem(300.2 * MIB, 256 * MIB)).toBe(
    'it takes 301 MiB of memory, more than the 256 MiB that a runner may have (UNDERSTUDY_RUNNER_MEMORY_BYTES)',
  );
});
