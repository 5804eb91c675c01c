/** How the runtime, its allocator and the system's say that there is not enough memory. */
const OUT_OF_MEMORY = /bad_alloc|alloc\w* .*fail|fail\w* to allocate|out of memory|Array buffer allocation failed/i;

const MIB = 1024 * 1024;

/** The runtime's reason, with what may be done where it is that the model asked for more memory than this process may have. */
export function withMemoryAdvice(reason: string, limitBytes: number): string {
  if (!OUT_OF_MEMORY.test(reason)) return reason;
  const limit = `${Math.floor(limitBytes / MIB)} MiB`;
  return `the model asks for more memory than there is (a runner may have ${limit}, UNDERSTUDY_RUNNER_MEMORY_BYTES): ${reason}`;
}

export function isOutOfMemory(reason: string): boolean {
  return OUT_OF_MEMORY.test(reason);
}
