import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLargeModel } from './large-model';
import { toLoad } from './loads';
import { startUnderstudy } from './peers';

/** What a steady load saw before, and while a large version was loaded, promoted and its predecessor ended. */
export interface UpdateUnderLoad {
  readonly megabytes: number;
  readonly steady: Latencies;
  readonly during: Latencies;
  readonly loadSeconds: number;
}

export interface Latencies {
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** An open loop: requests leave on the clock, whether or not the last was answered, so that a stall cannot hide. */
const REQUESTS_PER_SECOND = 400;
const STEADY_SECONDS = 6;
const TWO_ROWS = toLoad({ rows: 2, connections: 1 }, 'predict');

export async function measureUpdateUnderLoad(root: string, megabytes: number): Promise<UpdateUnderLoad> {
  const registry = mkdtempSync(join(tmpdir(), 'bench-registry-'));
  cpSync(join(root, 'models'), registry, { recursive: true });
  writeLargeModel(registry, 'large', megabytes);
  const server = await startUnderstudy({ root }, { UNDERSTUDY_REGISTRY_DIR: registry });
  try {
    await new OpenLoop(server.url).runFor(2);
    const steady = await new OpenLoop(server.url).runFor(STEADY_SECONDS);
    const loop = new OpenLoop(server.url);
    const startedMs = performance.now();
    const measured = loop.runUntil(async () => {
      await post(server.url, '/update-model', { model_uri: 'models:/large/1' });
      await post(server.url, '/accept-next-model', {});
      await post(server.url, '/rollback', {});
      await post(server.url, '/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    });
    const during = await measured;
    return { megabytes, steady, during, loadSeconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await server.stop();
    rmSync(registry, { recursive: true, force: true });
  }
}

async function post(url: string, path: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
}

class OpenLoop {
  private readonly latencies: number[] = [];
  private failures = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly url: string) {}

  async runFor(seconds: number): Promise<Latencies> {
    return this.runUntil(async () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  }

  async runUntil(action: () => Promise<void>): Promise<Latencies> {
    const startMs = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startMs) / 1000) * REQUESTS_PER_SECOND);
      // The scheduled moment counts, not the one at which this process got to it.
      for (; sent < due; sent++) this.send(startMs + (sent / REQUESTS_PER_SECOND) * 1000);
    }, 1);
    await action();
    clearInterval(timer);
    await Promise.all(this.underWay);
    this.agent.destroy();
    return this.summarise();
  }

  private send(scheduledMs: number): void {
    const { body, headers } = TWO_ROWS;
    const sent = new Promise<void>((resolve) => {
      const outgoing = request(`${this.url}/predict`, { method: 'POST', agent: this.agent, headers }, (answer) => {
        answer.resume();
        answer.on('end', () => {
          if (answer.statusCode !== 200) this.failures++;
          this.latencies.push(performance.now() - scheduledMs);
          resolve();
        });
      });
      outgoing.on('error', () => {
        this.failures++;
        resolve();
      });
      outgoing.end(body);
    });
    this.underWay.add(sent);
    void sent.finally(() => this.underWay.delete(sent));
  }

  private summarise(): Latencies {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return {
      requests: sorted.length,
      failures: this.failures,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: sorted.at(-1) ?? NaN,
    };
  }
}
