import { posix } from 'node:path';
import { CGROUPS, groupsOf, type ReadSystemFile } from './sensible-memory';

/**
 * The share of its memory that this machine uses, or the fullest of the control groups that this process is in; 0 where the system
 * does not tell. What files have in memory does not count as far as the system can take it back.
 */
export function memoryUse(read: ReadSystemFile): number {
  const shares = [machineUse(read('/proc/meminfo'))];
  for (const { mount, version, group } of groupsOf(read)) {
    const file = (name: string): string | undefined => read(posix.join(CGROUPS, mount, group, name))?.trim();
    const limit = Number(file(version === 2 ? 'memory.max' : 'memory.limit_in_bytes'));
    const used = Number(file(version === 2 ? 'memory.current' : 'memory.usage_in_bytes'));
    const files = field(file('memory.stat'), version === 2 ? 'inactive_file' : 'total_inactive_file') ?? 0;
    if (limit > 0 && used > 0) shares.push((used - files) / limit);
  }
  return Math.max(...shares);
}

function machineUse(memInfo: string | undefined): number {
  const total = field(memInfo, 'MemTotal:');
  const available = field(memInfo, 'MemAvailable:');
  return total === undefined || available === undefined || total === 0 ? 0 : 1 - available / total;
}

function field(text: string | undefined, name: string): number | undefined {
  const found = text === undefined ? null : new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text);
  return found === null ? undefined : Number(found[1]);
}
