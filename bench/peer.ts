import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { endGroup, takeCharge } from './children';
import type { Form } from './loads';
import { removeFolder, scratchFolder } from './scratch';

/** A server to be measured: one process, started by the bench, on a port of its own. */
export interface Peer {
  readonly name: string;
  /** Node alone, or the requirements file of the Python environment that it runs in. */
  readonly needs: 'node' | 'bench/requirements.txt' | 'bench/requirements-mlserver.txt';
  /** How it can be asked. */
  readonly forms: readonly Form[];
  /** It reads and answers a constant; there is nothing to check. */
  readonly answersAnything?: true;
  start(context: PeerContext): Promise<RunningPeer>;
}

export interface PeerContext {
  readonly root: string;
  /** The interpreter of the environment that the peer needs; empty for Node. */
  readonly python: string;
}

export interface RunningPeer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly environment?: (port: number) => Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A path that answers 200 once the peer is ready. */
  readonly readyPath: string;
  readonly withinMs?: number;
}

const POLL_MS = 50;

/** Starts a peer's process and waits until it is ready. Its output is kept for the case that it does not get there. */
export async function startProcess(options: ProcessOptions): Promise<RunningPeer> {
  const { command, args, environment = () => ({}), cwd, readyPath, withinMs = 120_000 } = options;
  const port = await freePort();
  const folder = scratchFolder('process');
  const logPath = join(folder, 'log');
  const log = openSync(logPath, 'w');
  const child = spawn(command, args(port), {
    cwd: cwd ?? folder,
    env: { ...process.env, ...environment(port) },
    stdio: ['ignore', log, log],
    detached: true,
  });
  takeCharge(child);
  let broken: Error | undefined;
  child.once('error', (error) => (broken = error));
  closeSync(log);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await endGroup(child);
    removeFolder(folder);
  };
  const deadline = Date.now() + withinMs;
  while (!(await answers(`${url}${readyPath}`))) {
    if (broken !== undefined || child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      const output = readFileSync(logPath, 'utf8').slice(-2000);
      await stop();
      throw new Error(`${command} did not get ready: ${broken?.message ?? ''}\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { url, pid: child.pid ?? 0, stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
