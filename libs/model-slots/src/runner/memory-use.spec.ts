import { memoryUse } from './memory-use';

const MACHINE = { '/proc/meminfo': 'MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  400 kB\n' };
const use = (files: Readonly<Record<string, string>>): number => memoryUse((path) => files[path]);

describe('[case 129] the share of memory in use', () => {
  it('is 0 where the system does not tell', () => {
    expect(use({})).toBe(0);
    expect(use({ '/proc/meminfo': 'nonsense' })).toBe(0);
  });

  it('is what cannot be had any more of the machine', () => {
    expect(use(MACHINE)).toBeCloseTo(0.6);
  });

  it('is that of the fullest control group, without what files have there', () => {
    const group = '/sys/fs/cgroup/pod/container';
    const files = {
      ...MACHINE,
      '/proc/self/cgroup': '0::/pod/container\n',
      [`${group}/memory.max`]: '1000\n',
      [`${group}/memory.current`]: '980\n',
      [`${group}/memory.stat`]: 'anon 900\ninactive_file 30\n',
    };
    expect(use(files)).toBeCloseTo(0.95);
    expect(use({ ...files, [`${group}/memory.max`]: 'max\n' })).toBeCloseTo(0.6);
  });

  it('is told by the first version of control groups too', () => {
    const group = '/sys/fs/cgroup/memory/a';
    const files = {
      ...MACHINE,
      '/proc/self/cgroup': '4:memory:/a\n',
      [`${group}/memory.limit_in_bytes`]: '1000\n',
      [`${group}/memory.usage_in_bytes`]: '900\n',
      [`${group}/memory.stat`]: 'inactive_file 1\ntotal_inactive_file 100\n',
    };
    expect(use(files)).toBeCloseTo(0.8);
  });
});
