import { Agent, request } from 'node:http';
import { ascending, percentile } from './format';
import type { Answer } from './control';

/** What is sent on the clock, and what counts as the right answer. */
export interface OpenLoad {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestsPerSecond: number;
  /** Whether the body of an answer with status 200 is right. */
  readonly isRight: (body: unknown) => boolean;
}

/** One request's end, in milliseconds since the loop began. */
export interface Sent {
  readonly dueMs: number;
  /** When this process got to sending it: late where the machine is short of time, which is nothing the server did. */
  readonly leftMs: number;
  readonly endedMs: number;
  /** 0 where the connection broke. */
  readonly status: number;
  /** The model version that answered, where the answer names it. */
  readonly version: string | undefined;
}

export interface OpenLoopResult {
  readonly sent: readonly Sent[];
  readonly seconds: number;
}

export interface Latencies {
  readonly requests: number;
  /** No 200. A wrong 200 ends the bench. */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Requests leave on the clock, whether or not the last was answered, each on a connection that is free: a stall cannot hide. */
export class OpenLoop {
  private readonly sent: Sent[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private wrong: string | undefined;

  constructor(private readonly load: OpenLoad) {}

  async runFor(seconds: number): Promise<OpenLoopResult> {
    return this.runUntil(async () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  }

  /** Sends until `action` is done. Throws where an answer was wrong. */
  async runUntil(action: () => Promise<void>): Promise<OpenLoopResult> {
    const startMs = performance.now();
    const { requestsPerSecond } = this.load;
    let count = 0;
    const timer = setInterval(() => {
      // The first is due at once.
      const passed = Math.floor(((performance.now() - startMs) / 1000) * requestsPerSecond);
      for (; count <= passed; count++) this.send(startMs, (count / requestsPerSecond) * 1000);
    }, 1);
    let seconds: number;
    try {
      await action();
    } finally {
      seconds = (performance.now() - startMs) / 1000;
      clearInterval(timer);
      await Promise.all(this.underWay);
      this.agent.destroy();
    }
    if (this.wrong !== undefined) throw new Error(`a wrong answer of ${this.load.url}: ${this.wrong}`);
    return { sent: this.sent, seconds };
  }

  private send(startMs: number, dueMs: number): void {
    const leftMs = performance.now() - startMs;
    const exchanged = this.exchange().then(({ status, version, body }) => {
      this.sent.push({ dueMs, leftMs, endedMs: performance.now() - startMs, status, version });
      if (status === 200 && !this.load.isRight(body)) this.wrong ??= JSON.stringify(body);
    });
    this.underWay.add(exchanged);
    void exchanged.finally(() => this.underWay.delete(exchanged));
  }

  private async exchange(): Promise<Answer & Pick<Sent, 'version'>> {
    const { url, body, headers } = this.load;
    return new Promise((resolve) => {
      const broken = (): void => {
        resolve({ status: 0, version: undefined, body: undefined });
      };
      const outgoing = request(url, { method: 'POST', agent: this.agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', broken);
        answer.on('end', () => {
          const { statusCode: status = 0, headers } = answer;
          const version = headers['x-model-version']?.toString();
          resolve({ status, version, body: status === 200 ? parsed(Buffer.concat(chunks).toString()) : undefined });
        });
      });
      outgoing.on('error', broken);
      outgoing.end(body);
    });
  }
}

/** What is no JSON is no right answer, and is told as it came. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Time counts from the moment a request was due, not the one at which this process got to it. */
export function latencies({ sent }: Pick<OpenLoopResult, 'sent'>): Latencies {
  const sorted = ascending(sent.map(({ dueMs, endedMs }) => endedMs - dueMs));
  return {
    requests: sent.length,
    failures: sent.filter(({ status }) => status !== 200).length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? NaN,
  };
}

export const LATENCY_HEAD = [
  '| | requests | failed | p50 ms | p99 ms | slowest ms |',
  '| --- | --- | --- | --- | --- | --- |',
];

export const latencyLine = (name: string, { requests, failures, p50Ms, p99Ms, maxMs }: Latencies): string =>
  `| ${name} | ${requests} | ${failures} | ${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${maxMs.toFixed(1)} |`;
