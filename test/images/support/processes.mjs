import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The processes that run now, without those that have ended and were not asked for their exit code yet. */
function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        if (/^State:\s+Z/m.test(status)) return [];
        return {
          pid: Number(pid),
          parent: Number(/^PPid:\s+(\d+)/m.exec(status)[1]),
          command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1),
          namespace: readlinkSync(`/proc/${pid}/ns/pid`),
        };
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

export function descendantsOf(pid) {
  const all = processes();
  const below = (parent) => all.filter((one) => one.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

/** The processes in the namespace that `pid` is the first process of, itself left out. */
export function othersInNamespaceOf(pid) {
  const namespace = readlinkSync(`/proc/${pid}/ns/pid`);
  return processes().filter((one) => one.namespace === namespace && one.pid !== pid);
}
