import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The lines of /proc/cpuinfo that say what a processor can do; the first processor's, for all are taken to be alike. */
const TELLING = /^(model name|flags|Features|CPU implementer|CPU part|isa)\s*:.*$/gm;

/** What optimised graphs depend on: the layouts that the runtime chooses follow the processor's instructions. */
export function processorOf(cpuInfo: string | undefined, model: string): string {
  const lines = cpuInfo?.split(/\n\s*\n/)[0]?.match(TELLING) ?? [];
  return [process.platform, process.arch, ...(lines.length === 0 ? [model] : lines)].join('\n');
}

export function thisProcessor(): string {
  return processorOf(readCpuInfo(), cpus()[0]?.model ?? 'unknown');
}

function readCpuInfo(): string | undefined {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined;
  }
}
