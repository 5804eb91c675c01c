import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATES } from '../../gauntlet/gates';
import { childrenOf } from '../../gauntlet/server';

/** A gate that cannot fail proves nothing: each is run with a fault planted in it, and must say so and exit with 1. */

/** Enough for the fault to be planted. */
const ROUNDS: Readonly<Record<string, number>> = {
  kills: 8,
  swaps: 3,
  versions: 3,
  drain: 1,
  replicas: 1,
  races: 40,
};

const TIMEOUT_MS = 240_000;

async function gauntlet(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--no-warnings', '--import', 'tsx', 'gauntlet/run.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}

const missed = (output: string): string[] => output.split('\n').filter((line) => line.endsWith('| **no** |'));

const onLinux = process.platform === 'linux' ? it : it.skip;

function isServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('apps/server/main.js');
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

describe('the gauntlet', () => {
  it.each(GATES.flatMap(({ sabotages }) => sabotages))(
    'finds the planted fault "%s"',
    async (sabotage) => {
      const rounds = String(ROUNDS[sabotage]);
      const { code, output } = await gauntlet('--sabotage', sabotage, '--rounds', rounds, '--seed', '3');
      expect(code).toBe(1);
      expect(missed(output)).not.toEqual([]);
      expect(output).not.toContain('broke off');
    },
    TIMEOUT_MS,
  );

  onLinux('leaves no process behind when it is told to stop while a server starts', async () => {
    const child = spawn(process.execPath, ['--no-warnings', '--import', 'tsx', 'gauntlet/run.ts', '--only', 'kills'], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    let started: number[] = [];
    while (started.length === 0 && child.exitCode === null) {
      await sleep(10);
      started = childrenOf(child.pid ?? NaN).filter(isServer);
    }
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    while (started.some(isServer)) await sleep(10);
  });

  it('refuses an option that it does not know, and starts nothing', async () => {
    const { code, output, errors } = await gauntlet('--only', 'speed');
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toMatch(/^there is no gate "speed"\n/);
  });
});
