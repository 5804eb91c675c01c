import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { descendantsOf, othersInNamespaceOf } from './processes.mjs';

/**
 * A network with nothing but loopback, and process numbers of its own: every port is free, nothing that runs in it can call
 * anybody, and when its first process ends the kernel ends all others.
 */
export class PrivateNetwork {
  static async open() {
    // Its first process reads from us until we end, however we end.
    const script = 'ip link set lo up && echo up && exec cat';
    const child = spawn('unshare', ['--net', '--pid', '--fork', '--kill-child', 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const up = await Promise.race([once(child.stdout, 'data').then(() => true), once(child, 'exit').then(() => false)]);
    if (!up) throw new Error('unshare cannot make a network: it needs the right to make namespaces');
    return new PrivateNetwork(child, descendantsOf(child.pid)[0].pid);
  }

  constructor(child, firstPid) {
    this.child = child;
    this.firstPid = firstPid;
  }

  /** The program and its arguments that run a command in here. */
  inside(command) {
    return ['nsenter', ['--target', String(this.firstPid), '--net', '--pid', ...command]];
  }

  /** What still runs in here. */
  left() {
    return othersInNamespaceOf(this.firstPid).map(({ command }) => command.join(' '));
  }

  /** Ends everything in here. */
  async close() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.stdin.end();
    await once(this.child, 'exit');
  }
}
