import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { RunnerProgram } from '@understudy/platform';
import { MEMORY_REPORT_FD, SYSTEM_TELLS_MEMORY } from './runner-memory';

/** What a runner process may take of the machine. */
export interface RunnerBounds {
  readonly memoryBytes: number;
  /** Threads inside one operator. */
  readonly threads: number;
}

/** A young generation of 4 MB keeps a runner small; the memory that counts in it is the model's, outside the heap. */
const NODE_OPTIONS = ['--max-semi-space-size=4', '--no-warnings'];

const SHELL = '/bin/sh';
/** Bounds the writable memory that it may ask for, as far as it may itself, and becomes the runner. */
const BOUND_AND_RUN = 'ulimit -d "$0" 2>/dev/null; exec "$@"';

/**
 * What a process asks for without using it: stacks of threads, and memory that allocators keep in hand. The system's bound is on
 * what is asked for, so it lies this much above the limit, which is on what is used.
 */
const UNUSED_BYTES = 1024 * 1024 * 1024;
const UNUSED_BYTES_PER_THREAD = 16 * 1024 * 1024;

/**
 * Starts a runner process. It is told the server's process id, because it ends when that is no longer its parent, and where to
 * report its memory if the system does not tell it. On Linux it is also bound by the system: asking for more memory than it may
 * have fails inside it, before the machine is short.
 */
export function startRunner(program: RunnerProgram, bounds: RunnerBounds): ChildProcess {
  const reports = SYSTEM_TELLS_MEMORY ? [] : [String(MEMORY_REPORT_FD)];
  return fork(program.path, [String(process.pid), ...reports], {
    // Usage data of onnxruntime would leave the machine without this; it must be there before the library loads.
    env: { ...program.environment, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(SYSTEM_TELLS_MEMORY ? [] : (['pipe'] as const))],
    ...command(bounds),
  });
}

function command({ memoryBytes, threads }: RunnerBounds): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  if (process.platform !== 'linux' || !existsSync(SHELL)) return { execArgv: NODE_OPTIONS };
  const askedBytes = memoryBytes + UNUSED_BYTES + threads * UNUSED_BYTES_PER_THREAD;
  const kibibytes = String(Math.ceil(askedBytes / 1024));
  return { execPath: SHELL, execArgv: ['-c', BOUND_AND_RUN, kibibytes, process.execPath, ...NODE_OPTIONS] };
}
