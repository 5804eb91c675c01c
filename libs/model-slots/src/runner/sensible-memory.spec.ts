import { totalmem } from 'node:os';
import { containerMemoryBytes, sensibleMemoryBytes } from './sensible-memory';

const GIB = 1024 ** 3;

describe('the memory that control groups allow', () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['a system without them', {}, Infinity],
    [
      'version 2: a service',
      {
        '/proc/self/cgroup': '0::/system.slice/understudy.service\n',
        '/sys/fs/cgroup/system.slice/understudy.service/memory.max': `${4 * GIB}\n`,
      },
      4 * GIB,
    ],
    [
      'version 2: a group above allows less',
      {
        '/proc/self/cgroup': '0::/pod/container\n',
        '/sys/fs/cgroup/pod/container/memory.max': 'max\n',
        '/sys/fs/cgroup/pod/memory.max': `${2 * GIB}\n`,
      },
      2 * GIB,
    ],
    ['version 2: no limit', { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/memory.max': 'max\n' }, Infinity],
    [
      'version 1: beside other controllers',
      {
        '/proc/self/cgroup': '9:cpu,cpuacct:/a\n4:memory:/a/b\n0::/\n',
        '/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': '9223372036854771712\n',
        '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': `${3 * GIB}\n`,
      },
      3 * GIB,
    ],
    [
      'version 1: a container that sees the path of its host',
      { '/proc/self/cgroup': '4:memory:/docker/0123abc\n', '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GIB}\n` },
      GIB,
    ],
  ])('%s', (_, files, bytes) => {
    expect(containerMemoryBytes((path) => files[path])).toBe(bytes);
  });
});

it('a runner may have half of the machine at most', () => {
  expect(sensibleMemoryBytes()).toBeGreaterThan(0);
  expect(sensibleMemoryBytes()).toBeLessThanOrEqual(totalmem() / 2);
});
